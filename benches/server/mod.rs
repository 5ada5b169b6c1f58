//! A server to measure: a process of its own, on a processor core of its own.

use std::{
    fs::{self, File},
    path::Path,
    process::{self, Child, ChildStdin, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};

pub struct Server {
    process: Child,
    /// What it listens on, `127.0.0.1:PORT`.
    pub address: String,
    /// Its standard input.
    #[allow(dead_code, reason = "not every server reads it")]
    pub stdin: ChildStdin,
}

/// Starts `program` on core 0, moves this process to core 1, and waits until the server listens.
/// On a machine without `taskset` the system places both as it likes.
///
/// Call it before there are other threads: only the calling one is moved, and what it starts.
pub fn start(program: &str, argument: &str) -> Result<Server> {
    let move_us = ["-p", "-c", "1", &process::id().to_string()];
    let moved = Command::new("taskset").args(move_us).stdout(Stdio::null()).status();
    let mut command = match moved {
        Ok(status) if status.success() => {
            let mut taskset = Command::new("taskset");
            taskset.args(["-c", "0", program]);
            taskset
        }
        _ => {
            eprintln!("note: server and client are not on cores of their own");
            Command::new(program)
        }
    };
    // To a file: a pipe fills up when we are too busy to empty it, and then the server waits.
    let name = argument.replace(|it: char| !it.is_alphanumeric(), "-");
    let output = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    command.arg(argument).stdin(Stdio::piped()).stdout(File::create(&output)?);
    let mut process = command.spawn()?;
    let stdin = process.stdin.take().context("stdin is piped")?;
    let mut server = Server { process, address: String::new(), stdin };
    loop {
        let printed = fs::read_to_string(&output)?;
        if let Some((line, _rest)) = printed.split_once('\n') {
            let address = line.strip_prefix("Listening on ws://").context("it does not listen")?;
            server.address = address.into();
            return Ok(server);
        }
        let exited = server.process.try_wait()?;
        ensure!(exited.is_none(), "the server ended at once");
        thread::sleep(Duration::from_millis(10));
    }
}

impl Server {
    /// Resident memory in KiB, without what the kernel keeps for the sockets. Linux only.
    #[allow(dead_code, reason = "not every measurement asks for it")]
    pub fn resident_kib(&self) -> Option<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().strip_suffix(" kB")?.parse().ok()
    }

    /// Processor time used up to now, to the microsecond. Linux only.
    #[allow(dead_code, reason = "not every measurement asks for it")]
    pub fn exact_processor_time(&self) -> Option<Duration> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.process.id())).ok()?;
        let each = threads.map(|thread| {
            let times = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            times.split(' ').next()?.parse::<u64>().ok()
        });
        each.sum::<Option<u64>>().map(Duration::from_nanos)
    }

    #[allow(dead_code, reason = "not every measurement asks for it")]
    /// Processor time used up to now, in user and in kernel mode. Linux only.
    pub fn processor_time(&self) -> Option<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).ok()?;
        // The second field, the name in parentheses, may contain spaces. The 14th and the 15th
        // are the times, in ticks of 10 ms.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let mut ticks = || fields.next()?.parse::<u64>().ok();
        Some(Duration::from_millis(10 * (ticks()? + ticks()?)))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
