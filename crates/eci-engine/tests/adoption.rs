//! Imports, orphaned resources, reviewed plans and rebuilt states without the command.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use eci_config::{Configuration, Variables};
use eci_engine::{
    Adoption, Backend, Engine, EngineError, ImportError, Loader, OpenOptions, PlanOptions,
    RebuildError, Sandbox, StopHandle, rebuild_state,
};
use eci_state::{Holder, Store as _};
use jiff::Timestamp;
use tempfile::TempDir;

const FIRST: &str = "container_group.first";
const SECOND: &str = "container_group.second";
const THIRD: &str = "container_group.third";

fn manifest(name: &str) -> String {
    format!(
        r#"
        [container_group.{name}]
        vpc_id = "vpc-ctt6yag121"
        vswitch_id = "subnet-y9n723knrg"
        security_group_id = "sg-5bvqyvrmch"
        az_name = "cn-huadong1-jsnj1A-public-ctcloud"
        containers = [{{ name = "nginx", image = "nginx:1.27", cpu = 1, memory = 2 }}]
        "#
    )
}

/// A directory with a configuration of three groups, and a simulated cloud.
struct World {
    directory: TempDir,
    configuration: Configuration,
    engine: Engine,
    /// The cloud, which ends when it is dropped.
    _sandbox: Sandbox,
}

impl World {
    async fn new() -> World {
        let directory = tempfile::tempdir().unwrap();
        for name in ["first", "second", "third"] {
            let file = directory.path().join(format!("{name}.eci.toml"));
            fs::write(file, manifest(name)).unwrap();
        }
        let configuration = Loader::new(directory.path()).load().unwrap();
        let sandbox = Sandbox::in_process().await.unwrap();
        let provider = sandbox.connect(&configuration.provider).await.unwrap();
        World {
            directory,
            configuration,
            engine: Engine::builder(provider).build(),
            _sandbox: sandbox,
        }
    }

    fn state(&self) -> PathBuf {
        self.directory.path().join("state")
    }

    fn backend(&self) -> Backend {
        Backend::from(&*self.state())
    }

    /// Applies the configuration of these resources, or of all.
    async fn apply(&self, targets: &[&str]) {
        let targets = targets.iter().map(|target| target.parse().unwrap());
        let options = PlanOptions::default().with_targets(targets.collect());
        let state = self.state();
        let run = self.engine.open(&state, &self.configuration).await;
        let mut run = run.unwrap();
        let plan = run.plan(&options).await.unwrap();
        let outcome = run.apply(plan, &StopHandle::default()).await.unwrap();
        assert!(outcome.is_complete(), "{outcome}");
    }

    /// Applies the second group, and puts the state back to what it was before.
    async fn orphan_second(&self) {
        let copy = self.directory.path().join("copy");
        copy_directory(&self.state(), &copy);
        self.apply(&[SECOND]).await;
        fs::remove_dir_all(self.state()).unwrap();
        fs::rename(&copy, self.state()).unwrap();
    }
}

fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_directory(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[tokio::test]
async fn an_orphan_is_adopted_and_the_next_plan_changes_nothing() {
    let world = World::new().await;
    world.apply(&[FIRST, THIRD]).await;
    world.orphan_second().await;
    let snapshot = world.backend().existing().unwrap().unwrap();
    let orphans = world.engine.find_orphans(&world.backend(), &snapshot).await;
    let orphans = orphans.unwrap();
    let [orphan] = &*orphans else {
        panic!("{orphans:?}");
    };
    let stranger = Adoption::new(SECOND.parse().unwrap(), "eci-0");
    let refused = stranger.of_orphan(&orphans).unwrap_err();
    assert!(
        matches!(refused, ImportError::NotOrphaned { .. }),
        "{refused}"
    );

    let adoption = |address: &str| Adoption::new(address.parse().unwrap(), orphan.id.as_str());
    let state = world.state();
    let run = world.engine.open(&state, &world.configuration).await;
    let mut run = run.unwrap();
    let twice = [adoption(FIRST), adoption(SECOND)];
    let refused = run.import(&twice).await.unwrap_err();
    assert!(matches!(refused, EngineError::Import(_)), "{refused}");
    assert!(
        !run.snapshot()
            .resources
            .contains_key(&SECOND.parse().unwrap())
    );

    let adoption = adoption(SECOND).of_orphan(&orphans).unwrap();
    let outcome = run.import(&[adoption]).await.unwrap();
    let next = outcome.next_plan.unwrap();
    assert!(next.is_idle(), "{:?}", next.steps());
    assert_eq!(run.snapshot().resources.len(), 3);
}

#[tokio::test]
async fn an_orphan_is_deleted_unless_the_state_contains_it() {
    let world = World::new().await;
    world.apply(&[FIRST]).await;
    world.orphan_second().await;
    let run = world.engine.open(world.backend(), &world.configuration);
    let store = run.await.unwrap().into_store();
    let backend = world.backend();
    let orphans = world.engine.find_orphans_locked(&backend, &store).await;
    let orphans = orphans.unwrap();
    assert_eq!(orphans.len(), 1, "{orphans:?}");
    store.close().unwrap();

    // Another run creates it again meanwhile, by adopting it.
    let id = orphans.first().unwrap().id.as_str().to_owned();
    let run = world.engine.open(&backend, &world.configuration).await;
    let mut run = run.unwrap();
    let copy = world.directory.path().join("copy");
    copy_directory(&world.state(), &copy);
    let adoption = Adoption::new(SECOND.parse().unwrap(), id);
    run.import(&[adoption]).await.unwrap();
    let store = run.into_store();
    let deletion = world.engine.delete_orphans(&store, orphans.clone()).await;
    let deletion = deletion.unwrap();
    assert!(deletion.deleted.is_empty() && deletion.left.is_empty());
    drop(store);

    fs::remove_dir_all(world.state()).unwrap();
    fs::rename(&copy, world.state()).unwrap();
    let run = world.engine.open(&backend, &world.configuration);
    let store = run.await.unwrap().into_store();
    let deletion = world.engine.delete_orphans(&store, orphans).await.unwrap();
    assert_eq!((deletion.deleted.len(), deletion.left.len()), (1, 0));
    let orphans = world.engine.find_orphans_locked(&backend, &store).await;
    assert!(orphans.unwrap().is_empty());
}

#[tokio::test]
async fn a_reviewed_plan_is_replaced_only_by_one_with_the_same_steps() {
    let world = World::new().await;
    world.apply(&[FIRST]).await;
    let state = world.state();
    let preview = world.engine.preview(&state, &world.configuration);
    let mut preview = preview.unwrap();
    let plan = preview.plan(&PlanOptions::default()).await.unwrap();
    let variables = Variables::default();
    let reviewed = preview.save(&plan, &variables, Timestamp::now());

    // The manifest is another one, with the same content.
    let file = world.directory.path().join("first.eci.toml");
    fs::write(&file, format!("{}# changed\n", manifest("first"))).unwrap();
    let configuration = Loader::new(world.directory.path()).load().unwrap();
    let run = world.engine.open(&state, &configuration).await;
    let mut run = run.unwrap();
    let replanned = run.plan_reviewed(&reviewed, &variables).await.unwrap();
    assert!(!replanned.is_idle());
    assert_eq!(replanned.steps().len(), plan.steps().len());
    drop(run);

    // A part of it is done.
    world.apply(&[SECOND]).await;
    let mut run = world.engine.open(&state, &configuration).await.unwrap();
    let refused = run.plan_reviewed(&reviewed, &variables).await.unwrap_err();
    assert!(matches!(refused, EngineError::Saved(_)), "{refused}");
    drop(run);

    // All of it is done.
    world.apply(&[]).await;
    let mut run = world.engine.open(&state, &configuration).await.unwrap();
    let replanned = run.plan_reviewed(&reviewed, &variables).await.unwrap();
    assert!(replanned.is_idle(), "{:?}", replanned.steps());
}

#[tokio::test]
async fn a_damaged_state_is_rebuilt_and_what_it_does_not_record_is_found() {
    let world = World::new().await;
    let options = || OpenOptions::new(Holder::current_process("test"));
    let missing = rebuild_state(&world.backend(), options(), None).await;
    let missing = missing.unwrap_err();
    assert!(
        matches!(missing, EngineError::Rebuild(RebuildError::NoState { .. })),
        "{missing}"
    );

    world.apply(&[FIRST]).await;
    world.orphan_second().await;
    fs::write(world.state().join("state.json"), "{").unwrap();
    let rebuilt = rebuild_state(&world.backend(), options(), None).await;
    let mut rebuilt = rebuilt.unwrap();
    assert!(!rebuilt.report.is_sound());
    assert!(rebuilt.report.base.is_some());
    assert!(rebuilt.report.lost(rebuilt.store.snapshot()).is_empty());
    let backend = world.backend();
    let store = &mut rebuilt.store;
    let recovering = world.engine.recover_unrecorded(&backend, store);
    let unrecorded = recovering.await.unwrap();
    assert_eq!(unrecorded.orphans.len(), 1, "{unrecorded:?}");
    let snapshot = rebuilt.store.snapshot();
    assert!(snapshot.resources.contains_key(&FIRST.parse().unwrap()));
}
