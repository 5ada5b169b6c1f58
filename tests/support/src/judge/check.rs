//! Checks one exercise, on threads of its own: whatever the code does, the check comes to an end.

use std::{
    slice::from_ref,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use futures_util::future::join_all;
use tokio::{
    runtime::{Builder, Handle},
    time,
};

use super::{
    due::{Line, What, Who},
    panics::{self, Panic},
    play::{GRACE, Part, Played, Stop, play},
    record::{Kept, Record, Seen},
    scenes::{Scene, scenes},
    source,
    subject::{Outcome, Subject},
    words,
};

/// How long a check may take, in real time. In virtual time it takes some milliseconds.
pub const LIMIT: Duration = Duration::from_secs(5);

/// Code that keeps its thread for longer than this, and for most of the time, blocks.
const BLOCKS: Duration = Duration::from_millis(150);

#[derive(Clone)]
pub struct Exercise {
    /// `level2::typewriter`
    pub name: String,
    /// `lessons/level2/exercises/typewriter.rs`
    pub file: &'static str,
    pub source: &'static str,
    /// The scenes that the header does not show.
    pub more: &'static str,
    pub subject: Subject,
}

/// Which clock a scene is played by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    Virtual,
    /// For code that asks `std::time::Instant`, which knows of no virtual time.
    Real,
}

/// A connection that has been played, as it was due and as it came.
pub struct Report<'a> {
    pub due: &'a [Line],
    pub own: Vec<Line>,
    pub learner: Who,
    /// The exercise's file, for hints.
    pub source: &'a str,
    pub clock: Clock,
    /// `None`: it never came to an end.
    pub played: Option<Played>,
    pub panic: Option<Panic>,
    /// How long the scene took, in real time, without what the thread has waited for a processor.
    pub took: Duration,
    /// For how much of it the code kept its thread.
    pub busy: Duration,
    /// Since when it has had its thread, for code that never came to an end.
    pub held: Option<Duration>,
    /// Whether a client of this scene stopped reading, for good.
    pub unread: bool,
    /// Whether no other connection was played at the same time.
    pub alone: bool,
    /// How many tasks were still alive after the grace period.
    pub tasks: usize,
}

impl Report<'_> {
    pub fn stop(&self) -> Option<Stop> {
        self.played.as_ref().map(|played| played.stop)
    }

    pub fn outcome(&self) -> Option<&Outcome> {
        self.played.as_ref().and_then(|played| played.outcome.as_ref())
    }

    /// Whether the code kept its thread for long, and for most of the time.
    pub fn blocks(&self) -> bool {
        self.busy > BLOCKS && self.busy > self.took / 2
    }

    /// How late a line may be that has `index` lines before it.
    pub fn late(&self, index: usize) -> u64 {
        self.clock.late(index)
    }
}

impl Clock {
    /// How late a line may be that has `index` lines before it: each wait adds a little.
    pub fn late(self, index: usize) -> u64 {
        match self {
            Clock::Virtual => index as u64 + 1,
            Clock::Real => 40 * index as u64 + 150,
        }
    }
}

/// Checks `subject` against what is due in all scenes. The error is for the learner.
pub fn check(exercise: &Exercise, subject: &Subject) -> Result<(), String> {
    let scenes = read(exercise)?;
    let verdict = watch_over(exercise, subject, &scenes, Clock::Virtual);
    let by_the_real_clock = || {
        // All at once, because it takes seconds.
        thread::scope(|scope| {
            let check = |scene| watch_over(exercise, subject, from_ref(scene), Clock::Real);
            let checks: Vec<_> = scenes.iter().map(|it| scope.spawn(move || check(it))).collect();
            checks.into_iter().all(|check| matches!(check.join(), Ok(Ok(()))))
        })
    };
    // Code that is right by the real clock is right. (On a busy machine it has a second try.)
    if verdict.is_err() {
        let asks = source::asks_the_real_clock(exercise.source);
        if !asks || !(by_the_real_clock() || by_the_real_clock()) {
            return verdict;
        }
    }
    if exercise.source.contains(WITHOUT_YOU) && source::sends_pongs(exercise.source) {
        return Err(words::pongs_by_hand(exercise.file));
    }
    Ok(())
}

/// What a header says where pongs are not to be sent by hand.
const WITHOUT_YOU: &str = "Pings and closes get their answer without you";

fn read(exercise: &Exercise) -> Result<Vec<Scene>, String> {
    let file = exercise.file;
    scenes(exercise.source, exercise.more).map_err(|what| words::damaged(file, &what))
}

/// Whether the code is right apart from its `todo!`, which is never reached, or only at the end.
pub fn is_right_but_its_todo(exercise: &Exercise) -> bool {
    let Ok(scenes) = read(exercise) else { return false };
    let subject = &exercise.subject;
    let run = Run { exercise, subject, clock: Clock::Virtual, brief: true };
    // What a client returns is the whole of its task. If that is never seen, it has not begun.
    let mut returned = subject.role == Who::Server;
    let right = scenes.iter().enumerate().all(|(index, scene)| {
        run.settled(index, scene, &Record::default()).iter().all(|report| {
            if !report.panic.as_ref().is_some_and(Panic::is_todo) {
                returned |= report.own.iter().any(Line::is_return);
                return words::verdict(report).is_ok();
            }
            // With the panic in its place, and the close code that it brings.
            let is_end =
                |line: &Line| line.is_return() || (line.is_close() && line.who == report.learner);
            let due: Vec<&Line> = report.due.iter().filter(|line| !is_end(line)).collect();
            let own: Vec<&Line> = report.own.iter().filter(|line| !is_end(line)).collect();
            let same = |i: usize| own[i].is(due[i], report.late(i));
            due.len() == own.len() && (0..own.len()).all(same)
        })
    });
    right && returned
}

/// Plays the scenes on another thread, and waits for it as long as is reasonable.
fn watch_over(
    exercise: &Exercise,
    subject: &Subject,
    scenes: &[Scene],
    clock: Clock,
) -> Result<(), String> {
    let record = Record::default();
    let (sender, verdict) = mpsc::channel();
    thread::spawn({
        let (exercise, subject, record) = (exercise.clone(), subject.clone(), record.clone());
        let scenes = scenes.to_vec();
        move || {
            let run = Run { exercise: &exercise, subject: &subject, clock, brief: false };
            let mut verdicts =
                scenes.iter().enumerate().map(|(index, scene)| run.judge(index, scene, &record));
            // Nobody listens any more when the limit is over.
            let _ = sender.send(verdicts.find(Result::is_err).unwrap_or(Ok(())));
        }
    });
    // By the real clock the longest scene takes some seconds by itself.
    let limit = if clock == Clock::Virtual { LIMIT } else { LIMIT * 3 };
    match verdict.recv_timeout(limit) {
        Ok(verdict) => verdict,
        // The thread is left behind: none can be ended from outside. The end of the process ends it.
        Err(RecvTimeoutError::Timeout) => {
            let seen = record.seen().clone();
            let run = Run { exercise, subject, clock, brief: false };
            let scene = &scenes[seen.scene];
            let reports = run.reports(scene, seen, limit, |_| None);
            verdict_of(exercise, scene, &reports)
        }
        Err(RecvTimeoutError::Disconnected) => Err("The check itself panicked.".into()),
    }
}

/// The first connection of a scene that is wrong, in words.
fn verdict_of(exercise: &Exercise, scene: &Scene, reports: &[Report]) -> Result<(), String> {
    reports.iter().enumerate().try_for_each(|(index, report)| {
        words::verdict(report)
            .map_err(|words| words::in_its_scene(exercise.file, scene, index, &words))
    })
}

/// How scenes are played.
struct Run<'a> {
    exercise: &'a Exercise,
    subject: &'a Subject,
    clock: Clock,
    /// Whether to stop at the first line that is wrong.
    brief: bool,
}

impl<'a> Run<'a> {
    fn judge(&self, index: usize, scene: &'a Scene, record: &Record) -> Result<(), String> {
        verdict_of(self.exercise, scene, &self.settled(index, scene, record))
    }

    /// Plays a scene again where the code only may seem to block, because the machine is very busy.
    /// That does not happen three times in a row.
    fn settled(&self, index: usize, scene: &'a Scene, record: &Record) -> Vec<Report<'a>> {
        let mut reports = self.scene(index, scene, record);
        for _ in 0..2 {
            let seems =
                |it: &Report| it.blocks() && it.busy < LIMIT / 10 && it.stop() != Some(Stop::Wrong);
            if reports.iter().any(seems) {
                reports = self.scene(index, scene, record);
            }
        }
        reports
    }

    /// Plays a scene: all its connections at the same time, in a runtime of its own.
    fn scene(&self, index: usize, scene: &'a Scene, record: &Record) -> Vec<Report<'a>> {
        record.begin(index, scene.connections.len());
        panics::watch();
        let start = Kept::now();
        let (parking, unparking) = (record.clone(), record.clone());
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(self.clock == Clock::Virtual)
            .on_thread_park(move || parking.park())
            .on_thread_unpark(move || unparking.unpark())
            .build()
            .expect("a runtime without input and output needs nothing");
        let parts = scene.connections.iter().enumerate();
        let parts: Vec<Part> = parts.map(|(index, due)| self.part(index, due, record)).collect();
        let (mut played, tasks) = runtime.block_on(async {
            let start = time::Instant::now();
            let played = join_all(parts.iter().map(|part| play(part, start))).await;
            let tasks = || Handle::current().metrics().num_alive_tasks();
            if played.iter().all(|it| it.outcome.is_some()) && tasks() > 0 {
                time::sleep(GRACE).await;
            }
            (played.into_iter(), tasks())
        });
        record.park();
        // Not a drop, which would wait for what the code may have given to other threads.
        runtime.shutdown_background();
        let seen = record.seen().clone();
        let mut reports = self.reports(scene, seen, start.elapsed(), |_| played.next());
        let panic = panics::take();
        for report in &mut reports {
            (report.panic, report.tasks) = (panic.clone(), tasks);
        }
        reports
    }

    fn part<'p>(&self, index: usize, due: &'p [Line], record: &'p Record) -> Part<'p>
    where
        'a: 'p,
    {
        let Run { subject, clock, brief, .. } = *self;
        Part { subject, due, index, record, clock, brief }
    }

    fn reports(
        &self,
        scene: &'a Scene,
        seen: Seen,
        took: Duration,
        mut played: impl FnMut(usize) -> Option<Played>,
    ) -> Vec<Report<'a>> {
        let connections = scene.connections.iter().zip(seen.lines).enumerate();
        connections
            .map(|(index, (due, own))| Report {
                due,
                own,
                learner: self.subject.role,
                source: self.exercise.source,
                clock: self.clock,
                played: played(index),
                panic: None,
                took,
                busy: seen.busy,
                held: seen.polled_since.map(|since| since.elapsed()),
                unread: scene.connections.iter().any(|due| never_reads_again(due)),
                alone: scene.connections.len() == 1,
                tasks: 0,
            })
            .collect()
    }
}

fn never_reads_again(due: &[Line]) -> bool {
    let last = |what: What| due.iter().rposition(|line| line.what == what);
    last(What::StopsReading) > last(What::ReadsAgain)
}
