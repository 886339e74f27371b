//! Running a program, with errors that name the command and what to do.

use std::collections::VecDeque;
use std::env;
use std::ffi::OsStr;
use std::fmt;
use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// How many lines of what a program printed are in the error where it fails: the failures that test runners list last.
const REMEMBERED_LINES: usize = 60;

/// A program with its arguments, and what to say where it fails.
#[derive(Debug)]
pub struct Tool {
    command: Command,
    advice: Option<String>,
}

impl Tool {
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self { command: Command::new(program), advice: None }
    }

    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    pub fn directory(mut self, directory: impl AsRef<Path>) -> Self {
        self.command.current_dir(directory);
        self
    }

    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// What a person can do where this command fails: one sentence.
    pub fn advice(mut self, sentence: impl Into<String>) -> Self {
        self.advice = Some(sentence.into());
        self
    }

    /// Runs it as a step on the way: its standard output goes to standard error.
    ///
    /// # Errors
    ///
    /// When it does not start or does not succeed.
    pub fn run(mut self) -> anyhow::Result<()> {
        self.command.stdin(Stdio::null()).stdout(io::stderr());
        let status = self.command.status();
        self.check(status.map(|status| (status.success(), status.to_string())))
    }

    /// Runs it for what it prints, as test runners are.
    ///
    /// # Errors
    ///
    /// When it does not start or does not succeed. Where nobody looks on, the last lines that it printed are in the error.
    pub fn run_for_output(mut self) -> anyhow::Result<()> {
        self.command.stdin(Stdio::null());
        if io::stdout().is_terminal() {
            let status = self.command.status();
            return self.check(status.map(|status| (status.success(), status.to_string())));
        }
        let outcome = self.print_and_remember();
        self.check(outcome)
    }

    /// Whether it succeeded, and otherwise how it ended with the last lines that it printed, all of which are passed on.
    fn print_and_remember(&mut self) -> io::Result<(bool, String)> {
        let (output, end) = io::pipe()?;
        let mut child = self.command.stdout(end.try_clone()?).stderr(end).spawn()?;
        // The command's own ends of the pipe, without which it ends with the child.
        self.command.stdout(Stdio::null()).stderr(Stdio::null());
        let last = Arc::new(Mutex::new(VecDeque::new()));
        let (finish, finished) = mpsc::channel();
        let remembered = Arc::clone(&last);
        thread::spawn(move || finish.send(pass_on(output, &remembered)));
        let status = child.wait()?;
        // What it left running may have the pipe for longer.
        let _ = finished.recv_timeout(Duration::from_secs(5));
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        Ok((status.success(), format!("{status}, after it printed\n{}", last.make_contiguous().join("\n"))))
    }

    /// Runs it as [`Tool::run`] does, and ends it after `limit`.
    ///
    /// # Errors
    ///
    /// When it does not start, does not succeed or takes too long.
    pub fn run_within(mut self, limit: Duration) -> anyhow::Result<()> {
        let mut child = match self.command.stdin(Stdio::null()).stdout(io::stderr()).spawn() {
            Ok(child) => child,
            Err(error) => return self.check(Err(error)),
        };
        let begun = Instant::now();
        loop {
            if let Some(status) = child.try_wait().context("cannot wait for a child process")? {
                return self.check(Ok((status.success(), status.to_string())));
            }
            if begun.elapsed() > limit {
                // It may have ended by itself just now; then there is nothing to kill.
                let _ = child.kill();
                let _ = child.wait();
                return self.check(Ok((false, format!("not done after {} s", limit.as_secs()))));
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Runs it with its standard output as the standard input of another.
    ///
    /// # Errors
    ///
    /// When either does not start or does not succeed.
    pub fn run_into(mut self, mut reader: Self) -> anyhow::Result<()> {
        let mut child = match self.command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn() {
            Ok(child) => child,
            Err(error) => return self.check(Err(error)),
        };
        let output = child.stdout.take().expect("it is piped");
        let read = reader.command.stdin(output).stdout(io::stderr()).status();
        let written = child.wait();
        reader.check(read.map(|status| (status.success(), status.to_string())))?;
        self.check(written.map(|status| (status.success(), status.to_string())))
    }

    /// What it prints on standard output; its standard error is shown only where it fails.
    ///
    /// # Errors
    ///
    /// When it does not start, does not succeed or prints what is not UTF-8.
    pub fn read(mut self) -> anyhow::Result<String> {
        let output = self.command.stdin(Stdio::null()).output();
        let status = output.as_ref().map(|output| (output.status.success(), failure(output)));
        self.check(status.map_err(|error| io::Error::new(error.kind(), error.to_string())))?;
        String::from_utf8(output?.stdout).with_context(|| format!("`{self}` printed what is not UTF-8"))
    }

    /// What it prints on standard output, while its standard error is shown.
    ///
    /// # Errors
    ///
    /// As [`Tool::read`].
    pub fn read_showing_progress(mut self) -> anyhow::Result<String> {
        self.command.stderr(Stdio::inherit());
        self.read()
    }

    /// Whether it starts and succeeds, quietly.
    pub fn succeeds(mut self) -> bool {
        let status = self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }

    /// Becomes the program: signals and the exit status are then the program's own. Returns only where that fails.
    pub fn exec(mut self) -> anyhow::Error {
        use std::os::unix::process::CommandExt;
        let error = self.command.exec();
        anyhow::Error::from(error).context(format!("cannot start `{self}`"))
    }

    fn check(&self, outcome: io::Result<(bool, String)>) -> anyhow::Result<()> {
        let trouble = match outcome {
            Ok((true, _)) => return Ok(()),
            Ok((false, how)) => how,
            Err(error) if error.kind() == io::ErrorKind::NotFound => "not found".to_owned(),
            Err(error) => error.to_string(),
        };
        let advice = self.advice.as_deref().map(|sentence| format!("\n  {sentence}")).unwrap_or_default();
        bail!("`{self}`: {trouble}{advice}")
    }
}

/// Prints each line, and remembers the last ones.
fn pass_on(output: impl Read, last: &Mutex<VecDeque<String>>) -> io::Result<()> {
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        io::stdout().write_all(&[&line, b"\n".as_slice()].concat())?;
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() == REMEMBERED_LINES {
            last.pop_front();
        }
        last.push_back(String::from_utf8_lossy(&line).into_owned());
    }
    Ok(())
}

fn failure(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    match said.trim() {
        "" => output.status.to_string(),
        said => format!("{}: {said}", output.status),
    }
}

/// As a person would type it; the directory is named where it is not the current one.
impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.command.get_program().to_string_lossy())?;
        for arg in self.command.get_args() {
            write!(f, " {}", arg.to_string_lossy())?;
        }
        match self.command.get_current_dir() {
            Some(directory) => write!(f, " (in {})", directory.display()),
            None => Ok(()),
        }
    }
}

/// The full path of a program in `PATH`.
pub fn find(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|directory| directory.join(program)).find(|path| is_executable(path))
}

/// Whether a path is a file that may be executed.
pub fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Tool {
        Tool::new("sh").args(["-c", script])
    }

    #[test]
    fn reads_what_a_program_prints() {
        assert_eq!(shell("echo out; echo err >&2").read().expect("it succeeds"), "out\n");
    }

    #[test]
    fn a_failure_names_command_cause_and_remedy() {
        let error = shell("echo broken >&2; exit 3").advice("Mend it.").read().expect_err("it exits with 3");
        assert_eq!(
            error.to_string(),
            "`sh -c echo broken >&2; exit 3`: exit status: 3: broken\n  Mend it.",
            "the command, how it ended, what it said, what to do"
        );
    }

    #[test]
    fn a_failure_comes_with_what_was_printed_last() {
        let outcome = shell("seq 100; echo broken >&2; exit 3").print_and_remember().expect("it starts");
        let last: Vec<_> = (42..=100).map(|number| number.to_string()).collect();
        assert_eq!(outcome, (false, format!("exit status: 3, after it printed\n{}\nbroken", last.join("\n"))));
        let outcome = shell("printf 'no end of line'").print_and_remember().expect("it starts");
        assert_eq!(outcome, (true, "exit status: 0, after it printed\nno end of line".to_owned()));
    }

    #[test]
    fn a_missing_program_is_a_sentence() {
        let error = Tool::new("isoblob-no-such-program").directory("/").run().expect_err("there is none");
        assert_eq!(error.to_string(), "`isoblob-no-such-program (in /)`: not found");
    }

    #[test]
    fn a_command_that_takes_too_long_is_ended() {
        let limit = Duration::from_millis(10);
        let error = Tool::new("sleep").arg("600").run_within(limit).expect_err("ten minutes are more");
        assert_eq!(error.to_string(), "`sleep 600`: not done after 0 s");
        shell("exit 0").run_within(Duration::from_mins(1)).expect("it is done at once");
    }

    #[test]
    fn a_pipe_fails_where_either_end_fails() {
        shell("echo text").run_into(shell("test $(cat) = text")).expect("both succeed");
        let error = shell("exit 3").run_into(shell("cat")).expect_err("the first fails");
        assert_eq!(error.to_string(), "`sh -c exit 3`: exit status: 3");
        let error = shell("echo text").run_into(shell("cat; exit 4")).expect_err("the second fails");
        assert_eq!(error.to_string(), "`sh -c cat; exit 4`: exit status: 4");
    }

    #[test]
    fn finds_programs_in_the_path() {
        assert!(find("sh").is_some_and(|path| path.is_absolute()));
        assert_eq!(find("isoblob-no-such-program"), None);
    }
}
