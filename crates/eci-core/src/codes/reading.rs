//! 01xx: reading files.

codes! {
    "E0101" NO_MANIFESTS "no-manifests" "no manifest in the directory" {
        what: "The directory contains no file whose name ends in `.eci.toml`.",
        why: "All manifests of one directory form one configuration. Subdirectories are not \
               searched, so that examples and backups in them have no effect.",
        mend: "Select the directory with `-C`, rename the file, for example to `web.eci.toml`, or \
               create an example with `eci init`.",
        wrong: "$ ls\nweb.toml\n$ eci validate",
        right: "$ mv web.toml web.eci.toml\n$ eci validate",
    }
    "E0102" UNREADABLE "unreadable" "a file or directory cannot be read" {
        what: "The operating system refused to read a manifest or the configuration directory.",
        why: "If a part of the configuration were missing, the plan would delete the resources \
               that it declares.",
        mend: "Check the path given with `-C` and the permissions. Split a manifest that is too \
               large.",
        wrong: "$ eci -C prod/webb validate",
        right: "$ eci -C prod/web validate",
    }
    "E0103" ENCODING "encoding" "a manifest is not valid UTF-8" {
        what: "A manifest contains bytes that are not valid UTF-8.",
        why: "TOML files are encoded in UTF-8. Editors on Windows may save Chinese text as GBK or \
               UTF-16.",
        mend: "Save the file as UTF-8, or convert it with `iconv`.",
        wrong: "$ file web.eci.toml\nweb.eci.toml: ISO-8859 text",
        right: "$ iconv -f GB18030 -t UTF-8 web.eci.toml > new && mv new web.eci.toml",
    }
    "E0104" TOML "toml" "a manifest is not valid TOML" {
        what: "A line of a manifest is not valid TOML: a string without its closing quote, a key \
               without a value, or a duplicate key, for example.",
        why: "The rest of the file is checked as far as it can be understood. Errors that only \
               follow from this one are not reported.",
        mend: "Check the marked position and the line above it. Strings and expressions must be \
               quoted; for expressions, single quotes are best: '${var.image}'. A key that \
               contains anything but ASCII letters, digits, `_` and `-` must be quoted as well.",
        wrong: "[eip.web]\nauto = yes\n",
        right: "[eip.web]\nauto = true\n",
    }
    "E0105" BAD_NUMBER "bad-number" "a number is out of range" {
        what: "A number is infinite, not a number (NaN), or an integer of more than 64 bits.",
        why: "Neither JSON nor the cloud supports such numbers.",
        mend: "Use a finite number of at most 64 bits, or put an identifier that looks like a long \
               number in quotes.",
        wrong: "[locals]\naccount = 123456789012345678901234567890\n",
        right: "[locals]\naccount = \"123456789012345678901234567890\"\n",
    }
}
