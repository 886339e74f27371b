//! What is counted: [`Metrics`], which `/metrics` tells as Prometheus reads it.

mod counted;
mod labels;

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry, Unit};

pub use counted::{counted, counted_ahead};
pub use labels::RequestLabels;
use labels::{Build, Outcome, Rejected};

use crate::store::Store;

/// The upper bounds of a request's duration, in seconds.
const DURATION_BUCKETS: [f64; 16] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

type Durations = Family<RequestLabels, Histogram, fn() -> Histogram>;

/// Everything that is counted. What most requests touch is looked up beforehand.
pub struct Metrics {
    registry: Registry,
    /// Puts by outcome.
    pub puts: Puts,
    /// Gets by outcome.
    pub gets: Gets,
    /// The bytes of requests' bodies, as they came.
    pub received_bytes: Counter,
    /// The bytes of answers' bodies, as they went.
    pub sent_bytes: Counter,
    /// The connections that are open.
    pub connections: Gauge,
    /// The requests that are under way, as of the last look.
    pub requests_in_progress: Gauge,
    durations: Durations,
    rejected: Family<Rejected, Counter>,
}

/// Puts by outcome.
pub struct Puts {
    /// Of content that was not in the store.
    pub new: Counter,
    /// Of content that was.
    pub deduplicated: Counter,
    /// That the store failed.
    pub failed: Counter,
}

/// Gets by outcome.
pub struct Gets {
    /// Of a blob that was found, whole.
    pub hit: Counter,
    /// Of a blob that there is not.
    pub miss: Counter,
    /// Of a blob that is damaged.
    pub corrupt: Counter,
    /// That the store failed.
    pub failed: Counter,
}

impl Metrics {
    /// Counts from 0 on, beside what the store itself counts.
    pub fn new(store: &dyn Store) -> Self {
        let mut registry = Registry::with_prefix("isoblob");
        store.register(registry.sub_registry_with_prefix("store"));
        let version = Info::new(Build { version: env!("CARGO_PKG_VERSION") });
        registry.register("build", "The version of the server", version);
        let puts = outcomes(&mut registry, "puts", "Blobs that were put into the store");
        let gets = outcomes(&mut registry, "gets", "Blobs that were asked of the store");
        let mut bytes = |name, help| {
            let counter = Counter::default();
            registry.register_with_unit(name, help, Unit::Bytes, counter.clone());
            counter
        };
        let received_bytes = bytes("received", "The bodies of requests, as they came");
        let sent_bytes = bytes("sent", "The bodies of answers, as they went");
        let durations: Durations = Family::new_with_constructor(|| Histogram::new(DURATION_BUCKETS));
        let help = "From the head of a request to the head of its answer";
        registry.register_with_unit("request_duration", help, Unit::Seconds, durations.clone());
        Self {
            puts: Puts { new: puts("new"), deduplicated: puts("deduplicated"), failed: puts("failed") },
            gets: Gets { hit: gets("hit"), miss: gets("miss"), corrupt: gets("corrupt"), failed: gets("failed") },
            received_bytes,
            sent_bytes,
            connections: registered(&mut registry, "connections", "The connections that are open"),
            requests_in_progress: registered(&mut registry, "requests_in_progress", "The requests that are under way"),
            durations,
            rejected: registered(&mut registry, "rejected_requests", "The requests that were refused, by reason"),
            registry,
        }
    }

    /// Counts a request that was answered.
    pub fn answered(&self, labels: &RequestLabels, taken: Duration) {
        self.durations.get_or_create(labels).observe(taken.as_secs_f64());
    }

    /// Counts a request that was refused, for a reason in `snake_case`.
    pub fn rejected(&self, reason: impl Into<String>) {
        self.rejected.get_or_create(&Rejected { reason: reason.into() }).inc();
    }

    /// All of it, in the text format of `OpenMetrics` 1.0.
    ///
    /// # Panics
    ///
    /// Never: a string takes whatever is written.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        text::encode(&mut text, &self.registry).expect("a string takes whatever is written");
        text
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

fn registered<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
    let metric = M::default();
    registry.register(name, help, metric.clone());
    metric
}

/// The counters of a family, by the value of its label `outcome`.
fn outcomes(registry: &mut Registry, name: &str, help: &str) -> impl Fn(&'static str) -> Counter + use<> {
    let family: Family<Outcome, Counter> = registered(registry, name, help);
    move |outcome| family.get_or_create_owned(&Outcome { outcome })
}
