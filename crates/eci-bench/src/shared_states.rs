//! Cost of a state in a shared store, next to a local one.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use eci_backend::{LogDevice, ObjectId, Series};
use eci_sandbox::Config;
use eci_tests::store_server::{StoreServer, StoredState};
use eci_tests::tcp_proxy::TcpProxy;

use crate::report::{mib, seconds};
use crate::shape;
use crate::simulated::slow;
use crate::suite::Bench;
use crate::targets::Target;

/// The number of repetitions; the median counts.
const TIMES: usize = 3;

const APPLY: [&str; 2] = ["apply", "--auto-approve"];

/// Returns the name of the kind of a server.
fn name(server: &StoreServer) -> &'static str {
    match server {
        StoreServer::Postgres(_) => "PostgreSQL",
        StoreServer::Bucket(_) => "S3",
    }
}

/// Measures states on the servers that are installed.
///
/// # Errors
/// If a run fails.
pub async fn of_shared_states(eci: &Path) -> anyhow::Result<Vec<Target>> {
    let servers = [StoreServer::postgres(), StoreServer::bucket()];
    let mut targets = Vec::new();
    for server in servers.into_iter().flatten() {
        targets.push(of_many(eci, &server).await?);
        targets.push(of_distance(eci, &server).await?);
        targets.extend(of_entries(eci, &server).await?);
        targets.push(of_opening(eci, &server).await?);
    }
    Ok(targets)
}

/// Starts a cloud and a directory with a state on a server, or a local one.
async fn started(eci: &Path, state: Option<&StoredState>, config: Config) -> anyhow::Result<Bench> {
    let mut bench = Bench::start(eci, config).await?;
    if let Some(state) = state {
        std::fs::write(bench.directory().join("backend.eci.toml"), &state.manifest)?;
        for (name, value) in &state.variables {
            bench.set(name, value);
        }
    }
    Ok(bench)
}

/// Returns the median of what a measurement takes, in seconds.
async fn median(
    mut measured: impl AsyncFnMut(usize) -> anyhow::Result<f64>,
) -> anyhow::Result<f64> {
    let mut all = Vec::new();
    for time in 0..TIMES {
        all.push(measured(time).await?);
    }
    all.sort_by(f64::total_cmp);
    Ok(all[TIMES / 2])
}

async fn of_many(eci: &Path, server: &StoreServer) -> anyhow::Result<Target> {
    let apply = async |state: Option<StoredState>| {
        let bench = started(eci, state.as_ref(), Config::default()).await?;
        shape::write(bench.directory(), 3_000)?;
        let measured = bench.measure(&APPLY).await?;
        bench.stop().await;
        anyhow::Ok(measured.seconds)
    };
    let local = median(async |_| apply(None).await).await?;
    let state = |time| server.state_at(&format!("many-{time}"), server.port());
    let shared = median(async |time| apply(Some(state(time))).await).await?;
    let ratio = shared / local;
    Ok(Target::new(
        format!("apply of 3000, state in {}", name(server)),
        "≤ 1.5× a local state",
        format!("{ratio:.2}× ({} to {})", seconds(shared), seconds(local)),
        ratio <= 1.5,
    ))
}

async fn of_distance(eci: &Path, server: &StoreServer) -> anyhow::Result<Target> {
    let latency = Duration::from_millis(50);
    let network = TcpProxy::start(server.port());
    // There and back.
    network.delay(latency / 2);
    let apply = async |state: Option<StoredState>| {
        let config = Config {
            faults: slow(latency),
            ..Config::default()
        };
        let bench = started(eci, state.as_ref(), config).await?;
        shape::write_flat(bench.directory(), 300, None)?;
        let measured = bench.measure(&APPLY).await?;
        bench.stop().await;
        anyhow::Ok(measured.seconds)
    };
    let local = median(async |_| apply(None).await).await?;
    let state = |time| server.state_at(&format!("far-{time}"), network.port());
    let shared = median(async |time| apply(Some(state(time))).await).await?;
    let over = (shared / local - 1.0) * 100.0;
    Ok(Target::new(
        format!(
            "apply of 300 groups, 50 ms a call, {} at 50 ms",
            name(server)
        ),
        "≤ 10 % above a local state",
        format!("{over:+.1} % ({} to {})", seconds(shared), seconds(local)),
        over <= 10.0,
    ))
}

/// The entries of a log after a number.
struct Entries {
    count: usize,
    bytes: usize,
    last: u64,
}

async fn entries_after(state: &StoredState, number: u64) -> anyhow::Result<Entries> {
    let numbers = state.device.list(Series::Log, number + 1).await?;
    let mut bytes = 0;
    for number in &numbers {
        let object = state
            .device
            .get(ObjectId::new(Series::Log, *number))
            .await?;
        bytes += object.context("an entry is missing")?.bytes.len();
    }
    Ok(Entries {
        count: numbers.len(),
        bytes,
        last: numbers.last().copied().unwrap_or(number),
    })
}

async fn of_entries(eci: &Path, server: &StoreServer) -> anyhow::Result<Vec<Target>> {
    let mut changes = Vec::new();
    let mut first = None;
    for size in [300, 3_000] {
        let state = server.state_at(&format!("entries-{size}"), server.port());
        let bench = started(eci, Some(&state), Config::default()).await?;
        shape::write(bench.directory(), size)?;
        bench.measure(&APPLY).await?;
        let created = entries_after(&state, 0).await?;
        shape::change_one(bench.directory())?;
        bench.measure(&APPLY).await?;
        changes.push(entries_after(&state, created.last).await?);
        bench.stop().await;
        first.get_or_insert(created);
    }
    let created = first.context("no state was measured")?;
    let [small, large] = &changes[..] else {
        anyhow::bail!("two states were to be measured");
    };
    let growth = large.bytes as f64 / small.bytes as f64;
    Ok(vec![
        Target::new(
            format!("entries of an apply of 300, {}", name(server)),
            "one per scheduling round: fewer than groups",
            format!("{} entries, {} bytes", created.count, created.bytes),
            created.count <= 100,
        ),
        Target::new(
            format!("entries of one change, 300 → 3000, {}", name(server)),
            "independent of the size",
            format!(
                "{} → {} entries, {} → {} bytes",
                small.count, large.count, small.bytes, large.bytes
            ),
            growth <= 1.05,
        ),
    ])
}

async fn of_opening(eci: &Path, server: &StoreServer) -> anyhow::Result<Target> {
    let state = server.state_at("large", server.port());
    let bench = started(eci, Some(&state), Config::default()).await?;
    shape::write(bench.directory(), 30_000)?;
    bench.measure(&APPLY).await?;
    bench.stop().await;
    let backend = state.backend();
    let mut size = 0;
    let bare = median(async |_| {
        let start = Instant::now();
        size = read_bytes(&*state.device).await?;
        Ok(start.elapsed().as_secs_f64())
    });
    let bare = bare.await?;
    let open = median(async |_| {
        let start = Instant::now();
        let snapshot = backend.read()?.context("the state is missing")?;
        anyhow::ensure!(snapshot.resources.len() == 30_000, "resources are missing");
        Ok(start.elapsed().as_secs_f64())
    });
    let open = open.await?;
    let ratio = open / bare;
    Ok(Target::new(
        format!("open a state of 30000, {}", name(server)),
        "≤ 2× reading its bytes",
        format!(
            "{ratio:.2}× ({} to {}, {})",
            seconds(open),
            seconds(bare),
            mib(size as u64)
        ),
        ratio <= 2.0,
    ))
}

/// Reads what a state is opened from, and returns its size.
async fn read_bytes(device: &dyn LogDevice) -> anyhow::Result<usize> {
    let mut objects: Vec<ObjectId> = Vec::new();
    let snapshots = device.list(Series::Snapshot, 0).await?;
    let newest = snapshots.last().copied().unwrap_or_default();
    objects.extend(
        snapshots
            .last()
            .map(|it| ObjectId::new(Series::Snapshot, *it)),
    );
    let entries = device.list(Series::Log, newest + 1).await?;
    objects.extend(entries.into_iter().map(|it| ObjectId::new(Series::Log, it)));
    let mut size = 0;
    for object in objects {
        let found = device.get(object).await?;
        size += found.context("an object is missing")?.bytes.len();
    }
    Ok(size)
}
