//! `isoblob`: the command.

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use isoblob_server::app::App;
use isoblob_server::auth::TokenSource;
use isoblob_server::call::{CallArgs, CallError, call};
use isoblob_server::cli::{Answer, AskCommand};
use isoblob_server::config::{Cli, CliError, Command, ServeArgs, unknown_variables};
use isoblob_server::http::AppState;
use isoblob_server::reload::keep_current;
use isoblob_server::serve::{ServeConfig, serve};
use isoblob_server::shutdown::{Hangups, Signals};
use isoblob_server::stepflow::Scheme;
use isoblob_server::tls::TlsFiles;
use isoblob_server::{open_files, telemetry};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// How long the process waits, after the last request, for threads that are still writing.
const WRITERS_TIMEOUT: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let command = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli.command,
        Err(CliError::CommandLine(error)) => error.exit(),
        Err(error) => return failed(&error, 2),
    };
    match &command {
        Command::Serve(args) => run(args).map_or_else(|error| failed(&*error, 1), |()| ExitCode::SUCCESS),
        Command::Call(args) => {
            call_and_print(args).map_or_else(|error| failed(&error, error.exit_code()), |()| ExitCode::SUCCESS)
        }
        Command::Ask(command) => ask(command),
    }
}

/// One of the commands beside `serve` and `call`.
fn ask(command: &AskCommand) -> ExitCode {
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    let answer = command.run(&mut stdout).and_then(|answer| Ok(stdout.flush().map(|()| answer)?));
    match answer {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::FAILURE,
        // Whoever reads it may have had enough.
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => failed(&error, error.exit_code()),
    }
}

fn failed(error: &dyn Error, status: u8) -> ExitCode {
    eprintln!("isoblob: {}", chain(error));
    status.into()
}

/// Configuration, component server, output.
fn call_and_print(args: &CallArgs) -> Result<(), CallError> {
    telemetry::start_log(args.log.clone());
    let output = call(args)?;
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{output}").and_then(|()| stdout.flush()) {
        // Whoever reads it may have had enough, which is no reason to fail: the component has done its work.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CallError::Print(error)),
        _ => Ok(()),
    }
}

/// Configuration, telemetry, and what they are for.
fn run(args: &ServeArgs) -> Result<(), Box<dyn Error>> {
    let traces = telemetry::start(&args.log)?;
    let result = open_and_serve(args);
    if let Some(traces) = traces {
        traces.end();
    }
    result
}

/// Store, server.
fn open_and_serve(args: &ServeArgs) -> Result<(), Box<dyn Error>> {
    for name in unknown_variables() {
        tracing::warn!("{name} is set, and is not a setting");
    }
    open_files::allow_for(args.limits.max_connections);
    let blob_api = args.blob_api()?;
    let (access, tokens) = args.access.tokens(args.listen)?.map(TokenSource::load).transpose()?.unwrap_or_default();
    let (tls, certificates) = args.access.tls()?.map(TlsFiles::load).transpose()?.unzip();
    let scheme = if tls.is_some() { Scheme::Https } else { Scheme::Http };
    let runtime = Runtime::new()?;
    let result = runtime.block_on(async {
        let store = args.store.open_cached(args.limits.cache_bytes).await?;
        let listener = TcpListener::bind(args.listen)
            .await
            .map_err(|error| format!("cannot listen on {}: {error}", args.listen))?;
        let bound = listener.local_addr()?;
        if args.access.allow_anonymous && !bound.ip().is_loopback() {
            tracing::warn!("whoever can reach {bound} can read and write blobs");
        }
        tracing::info!("component servers reach these blobs at {}", blob_api.url(scheme, bound));
        let signals = Signals::listen()?;
        tokio::spawn(keep_current(tokens.into_iter().chain(certificates).collect(), Hangups::listen()?));
        let state = AppState::new(store, args.http(bound, access));
        // Whoever waits for the line may have gone away, which is no reason to end.
        let _ = writeln!(io::stdout(), "isoblob is serving {scheme}://{bound}/ from {}", args.store);
        let connections = ServeConfig { connections: state.metrics().connections.clone(), ..args.connections(tls) };
        let cut_off = serve(listener, App::new(state.clone()), stop(signals, state), connections).await;
        if cut_off > 0 {
            let drain_timeout_secs = args.limits.drain_timeout_secs.as_secs();
            tracing::warn!("cut off up to {cut_off} connections after {drain_timeout_secs} s");
        }
        Ok(())
    });
    runtime.shutdown_timeout(WRITERS_TIMEOUT);
    result
}

async fn stop(mut signals: Signals, state: AppState) {
    // Waited for outside of the macro, which evaluates nothing where the log leaves it out.
    let name = signals.wait().await;
    tracing::info!("{name}: finishing what is under way");
    state.drain();
}

/// An error with its causes, as one sentence.
fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |&error| error.source());
    causes.fold(error.to_string(), |all, cause| format!("{all}: {cause}"))
}
