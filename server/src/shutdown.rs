//! [`Signals`]: what ends the server; [`Hangups`]: what has it read its files again.

use std::io;

/// The signals that end the server: SIGTERM and SIGINT, on Windows Ctrl-C.
///
/// From [`listen`](Self::listen) on they no longer end the process by themselves.
#[derive(Debug)]
pub struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
}

impl Signals {
    /// Takes the signals over.
    ///
    /// # Errors
    ///
    /// The system refuses.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    #[cfg(unix)]
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for one of them, and returns its name.
    #[cfg(unix)]
    pub async fn wait(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }

    /// Takes the signals over.
    ///
    /// # Errors
    ///
    /// The system refuses.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    #[cfg(windows)]
    pub fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: tokio::signal::windows::ctrl_c()? })
    }

    /// Waits for one of them, and returns its name.
    #[cfg(windows)]
    pub async fn wait(&mut self) -> &'static str {
        self.interrupt.recv().await;
        "Ctrl-C"
    }
}

/// SIGHUP, which has the server read tokens and certificates again. There is none on Windows.
#[derive(Debug)]
pub struct Hangups {
    #[cfg(unix)]
    hangup: tokio::signal::unix::Signal,
}

impl Hangups {
    /// Takes the signal over, which no longer ends the process from then on.
    ///
    /// # Errors
    ///
    /// The system refuses.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            hangup: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?,
        })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        if self.hangup.recv().await.is_some() {
            return;
        }
        std::future::pending::<()>().await;
    }
}
