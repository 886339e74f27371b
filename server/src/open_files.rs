//! How many files, and so connections, the process may have open.

/// Files that are open beside connections: those of the store, the log, the runtime.
#[cfg(unix)]
const OTHER_FILES: u64 = 256;

/// Has the process open as many files as the system lets it, and warns where that is too few for its connections.
#[cfg(unix)]
pub fn allow_for(max_connections: u32) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let allowed = if raised.is_ok() { maximum } else { current };
    let needed = u64::from(max_connections) + OTHER_FILES;
    if let Some(allowed) = allowed.filter(|allowed| *allowed < needed) {
        tracing::warn!("{max_connections} connections need {needed} open files, and the system allows {allowed}");
    }
}

/// There is no such limit.
#[cfg(windows)]
pub fn allow_for(_: u32) {}
