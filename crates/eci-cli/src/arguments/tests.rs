#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn the_command_line_makes_sense() {
    command_line::<Eci>().debug_assert();
    command_line::<EciPlan>().debug_assert();
    command_line::<EciApply>().debug_assert();
}

#[test]
fn global_options_are_allowed_before_and_after_the_command() {
    for line in [
        "eci -C web --sandbox plan --refresh=false",
        "eci plan --refresh=false --sandbox -C web",
    ] {
        let eci = Eci::try_parse_from(line.split(' ')).unwrap();
        assert!(eci.globals.sandbox, "{line}");
        assert_eq!(eci.globals.directory, Some(PathBuf::from("web")));
        assert!(matches!(eci.command, Command::Plan(PlanArgs { refresh, .. }) if !refresh.refresh));
    }
}

#[test]
fn truth_is_written_alike_in_all_options() {
    for word in ["false", "no", "0", "off"] {
        let line = format!("eci plan --refresh={word} --input={word}");
        let eci = Eci::try_parse_from(line.split(' ')).unwrap();
        assert_eq!(eci.globals.input, Some(false), "{line}");
        assert!(matches!(eci.command, Command::Plan(PlanArgs { refresh, .. }) if !refresh.refresh));
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    for line in [
        "eci apply x.eciplan --target eip.web",
        "eci apply x.eciplan --refresh=false",
        "eci plan --replace eip.web --destroy",
        "eci plan --target web",
        "eci import container_group.web",
        "eci import --all --tag app=web",
        "eci apply --parallelism 0",
        "eci apply --lock-timeout 5",
        "eci output --raw",
        "eci logs container_group.web -f --previous",
        "eci logs web",
        "eci exec container_group.web ls",
        "eci exec container_group.web --",
        "eci state rm",
        "eci orphans --adopt web=eci-1",
        "eci orphans --adopt container_group.web",
        "eci orphans --adopt container_group.web=eci-1 --delete",
        "eci taint",
        "eci plan --endpoint dns=http://localhost",
    ] {
        let error = Eci::try_parse_from(line.split(' ')).unwrap_err();
        assert!(error.use_stderr(), "{line}");
    }
}
