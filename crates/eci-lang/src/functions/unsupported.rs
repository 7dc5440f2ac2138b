//! Functions of Terraform that there are not, on purpose: why, and what to do instead.

/// Why there is no such function, and the way out.
pub(super) struct UnsupportedFunction {
    pub(super) why: &'static str,
    pub(super) instead: &'static str,
}

const CLOCK: &str = "its result differs in each run, so no plan would ever be empty";

static ABSENT: &[(&str, UnsupportedFunction)] = &[
    (
        "abspath",
        absent(
            "an absolute path differs from machine to machine and means nothing to the cloud",
            "write paths relative to the configuration directory; ${path.module} is the directory of a module",
        ),
    ),
    (
        "bcrypt",
        absent(
            "its salt is random, so its result differs in each run and no plan would ever be empty",
            "create the hash once, for example with htpasswd -B, and pass it in a sensitive variable",
        ),
    ),
    (
        "list",
        absent("Terraform has removed it", "write [a, b], or tolist(…)"),
    ),
    (
        "map",
        absent("Terraform has removed it", "write { a = 1 }, or tomap(…)"),
    ),
    (
        "pathexpand",
        absent(
            "a home directory differs from machine to machine, and files outside of the \
             configuration directory are not read",
            "write paths relative to the configuration directory",
        ),
    ),
    (
        "plantimestamp",
        absent(CLOCK, "pass the time in a variable: --var now=…"),
    ),
    (
        "timestamp",
        absent(CLOCK, "pass the time in a variable: --var now=…"),
    ),
    (
        "uuid",
        absent(
            "it is random, so its result differs in each run and no plan would ever be empty",
            "use uuidv5(namespace, name), which returns the same UUID for the same name",
        ),
    ),
];

const fn absent(why: &'static str, instead: &'static str) -> UnsupportedFunction {
    UnsupportedFunction { why, instead }
}

/// Why there is no function of that name, if that is on purpose.
pub(super) fn find(name: &str, has_namespace: bool) -> Option<&'static UnsupportedFunction> {
    const PROVIDER: UnsupportedFunction = absent(
        "functions of Terraform providers are part of separate programs, which eci does not run",
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
