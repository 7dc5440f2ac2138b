//! Functions of Terraform that there are not, on purpose: why, and what to do instead.

/// Why there is no such function, and the way out.
pub(super) struct Absent {
    pub(super) why: &'static str,
    pub(super) instead: &'static str,
}

const CLOCK: &str = "it gives something else at each run, so that no plan would ever be empty";

static ABSENT: &[(&str, Absent)] = &[
    (
        "abspath",
        absent(
            "a path of this machine means nothing to the cloud, and differs from machine to machine",
            "write paths from the directory of the manifests; ${path.module} is that directory",
        ),
    ),
    (
        "bcrypt",
        absent(
            "its salt is random: it gives something else at each run, so that no plan would ever \
             be empty",
            "make the hash once, such as with htpasswd -B, and give it as a sensitive variable",
        ),
    ),
    (
        "list",
        absent(
            "Terraform itself no longer has it",
            "write [a, b], or tolist(…)",
        ),
    ),
    (
        "map",
        absent(
            "Terraform itself no longer has it",
            "write { a = 1 }, or tomap(…)",
        ),
    ),
    (
        "pathexpand",
        absent(
            "a home directory differs from machine to machine, and files outside of the \
             configuration's directory are not read",
            "write paths from the directory of the manifests",
        ),
    ),
    (
        "plantimestamp",
        absent(CLOCK, "give the time as a variable: --var now=…"),
    ),
    (
        "timestamp",
        absent(CLOCK, "give the time as a variable: --var now=…"),
    ),
    (
        "uuid",
        absent(
            "it is random: it gives something else at each run, so that no plan would ever be empty",
            "use uuidv5(namespace, name), which gives the same for the same name",
        ),
    ),
];

const fn absent(why: &'static str, instead: &'static str) -> Absent {
    Absent { why, instead }
}

/// Why there is no function of that name, if that is on purpose.
pub(super) fn find(name: &str, has_namespace: bool) -> Option<&'static Absent> {
    const PROVIDER: Absent = absent(
        "functions of Terraform's providers are programs of their own, which eci does not run",
        "use the functions without `::`",
    );
    if has_namespace {
        return Some(&PROVIDER);
    }
    ABSENT
        .iter()
        .find(|(absent, _)| *absent == name)
        .map(|(_, absent)| absent)
}

/// What there is not, in name order: the name, why, and what to do instead.
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    ABSENT
        .iter()
        .map(|(name, absent)| (*name, absent.why, absent.instead))
}
