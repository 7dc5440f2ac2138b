//! 01xx: reading files.

codes! {
    "E0101" NO_MANIFESTS "no-manifests" "no manifest in the directory" {
        found: "The directory contains no file whose name ends in `.eci.toml`.",
        reason: "All manifests of one directory form one configuration. Subdirectories are not \
               searched, so that examples and backups in them have no effect.",
        fix: "Select the directory with `-C`, rename the file, for example to `web.eci.toml`, or \
               create an example with `eci init`.",
        bad_example: "$ ls\nweb.toml\n$ eci validate",
        good_example: "$ mv web.toml web.eci.toml\n$ eci validate",
    }
    "E0102" UNREADABLE "unreadable" "a file or directory cannot be read" {
        found: "The operating system refused to read a manifest or the configuration directory.",
        reason: "If a part of the configuration were missing, the plan would delete the resources \
               that it declares.",
        fix: "Check the path given with `-C` and the permissions. Split a manifest that is too \
               large.",
        bad_example: "$ eci -C prod/webb validate",
        good_example: "$ eci -C prod/web validate",
    }
    "E0103" ENCODING "encoding" "a manifest is not valid UTF-8" {
        found: "A manifest contains bytes that are not valid UTF-8.",
        reason: "TOML files are encoded in UTF-8. Editors on Windows may save Chinese text as GBK or \
               UTF-16.",
        fix: "Save the file as UTF-8, or convert it with `iconv`.",
        bad_example: "$ file web.eci.toml\nweb.eci.toml: ISO-8859 text",
        good_example: "$ iconv -f GB18030 -t UTF-8 web.eci.toml > new && mv new web.eci.toml",
    }
    "E0104" TOML "toml" "a manifest is not valid TOML" {
        found: "A line of a manifest is not valid TOML: a string without its closing quote, a key \
               without a value, or a duplicate key, for example.",
        reason: "The rest of the file is checked as far as it can be understood. Errors that only \
               follow from this one are not reported.",
        fix: "Check the marked position and the line above it. Strings and expressions must be \
               quoted; for expressions, single quotes are best: '${var.image}'. A key that \
               contains anything but ASCII letters, digits, `_` and `-` must be quoted as well.",
        bad_example: "[eip.web]\nauto = yes\n",
        good_example: "[eip.web]\nauto = true\n",
    }
    "E0105" BAD_NUMBER "bad-number" "a number is out of range" {
        found: "A number is infinite, not a number (NaN), or an integer of more than 64 bits.",
        reason: "Neither JSON nor the cloud supports such numbers.",
        fix: "Use a finite number of at most 64 bits, or put an identifier that looks like a long \
               number in quotes.",
        bad_example: "[locals]\naccount = 123456789012345678901234567890\n",
        good_example: "[locals]\naccount = \"123456789012345678901234567890\"\n",
    }
}
