//! 01xx: reading files.

codes! {
    "E0101" NO_MANIFESTS "no-manifests" "the directory has no manifest" {
        what: "No file whose name ends in `.eci.toml` lies directly in the directory.",
        why: "All manifests of one directory make one configuration. Directories below it are not \
              searched, so that examples and backups beside it change nothing.",
        mend: "Name the directory with `-C`, give the file a name such as `web.eci.toml`, or begin \
               with `eci init`.",
        wrong: "$ ls\nweb.toml\n$ eci validate",
        right: "$ mv web.toml web.eci.toml\n$ eci validate",
    }
    "E0102" UNREADABLE "unreadable" "a file or directory cannot be read" {
        what: "The operating system refused to read a manifest or the directory of manifests.",
        why: "A configuration of which a part is missing would look like an order to delete what \
              that part declares.",
        mend: "Check the path given with `-C` and the permissions; divide a manifest that is too \
               large among several.",
        wrong: "$ eci -C prod/webb validate",
        right: "$ eci -C prod/web validate",
    }
    "E0103" ENCODING "encoding" "a manifest is not UTF-8" {
        what: "A manifest holds bytes that are no UTF-8 text.",
        why: "TOML is UTF-8. Editors on Windows may save Chinese text as GBK or UTF-16.",
        mend: "Save the file as UTF-8, or convert it with `iconv`.",
        wrong: "$ file web.eci.toml\nweb.eci.toml: ISO-8859 text",
        right: "$ iconv -f GB18030 -t UTF-8 web.eci.toml > new && mv new web.eci.toml",
    }
    "E0104" TOML "toml" "a manifest is no valid TOML" {
        what: "A line of a manifest cannot be read as TOML: a string without its closing quote, a \
               key without a value, a key given twice.",
        why: "Only the part of the file that was understood is checked further, and what follows \
              from the mistake is not reported.",
        mend: "Look at the marked place and at the line above it. Text stands in quotes; \
               expressions stand in quotes too, best in single ones: '${var.image}'.",
        wrong: "[eip.web]\nauto = yes\n",
        right: "[eip.web]\nauto = true\n",
    }
    "E0105" BAD_NUMBER "bad-number" "a number is out of reach" {
        what: "A number is infinite, not a number, or a whole number of more than 64 bits.",
        why: "Neither JSON nor the cloud has such numbers.",
        mend: "Write a finite number; put identifiers that look like long numbers into quotes.",
        wrong: "[locals]\naccount = 123456789012345678901234567890\n",
        right: "[locals]\naccount = \"123456789012345678901234567890\"\n",
    }
}
