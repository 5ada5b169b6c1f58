//! When a server is asked to stop.

use std::future::pending;

/// Ready at Ctrl-C or, on Unix, at SIGTERM, which is how service managers ask a process to stop;
/// on Windows, when the console is closed.
///
/// It needs a thread of the runtime to notice: while handlers block all of them, neither Ctrl-C nor
/// SIGTERM ends the program. Ctrl-\ or `kill -9` does.
///
/// Listens for them from the call on, not only from the first `.await`. So call it before
/// [`listen()`](crate::listen()): who sees that line may stop the server at once.
pub fn shutdown_signal() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let (interrupt, terminate) = {
        use tokio::signal::unix::{SignalKind, signal};
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    };
    #[cfg(windows)]
    let (interrupt, terminate) =
        (tokio::signal::windows::ctrl_c(), tokio::signal::windows::ctrl_close());

    async move {
        // One that cannot be caught ends the process by itself, as it does by default.
        let interrupted = async {
            match interrupt {
                Ok(mut signal) => signal.recv().await,
                Err(_) => pending().await,
            }
        };
        let terminated = async {
            match terminate {
                Ok(mut signal) => signal.recv().await,
                Err(_) => pending().await,
            }
        };
        tokio::select! {
            _ = interrupted => {}
            _ = terminated => {}
        }
    }
}
