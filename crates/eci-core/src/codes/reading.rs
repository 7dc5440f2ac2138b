//! 01xx: reading files.

codes! {
    "E0101" NO_MANIFESTS "no-manifests" "no manifest in the directory" zh "目录中没有清单" {
        found: "The directory contains no file whose name ends in `.eci.toml`."
            zh "目录中没有名称以 `.eci.toml` 结尾的文件。",
        reason: "All manifests of one directory form one configuration. Subdirectories are not \
               searched, so that examples and backups in them have no effect."
            zh "一个目录中的全部清单构成一个配置。子目录不在搜索范围内，因此其中的示例和备份不起作用。",
        fix: "Select the directory with `-C`, rename the file, for example to `web.eci.toml`, or \
               create an example with `eci init`."
            zh "使用 `-C` 指定目录，将文件重命名，例如 `web.eci.toml`，或执行 `eci init` 创建示例。",
        bad_example: "$ ls\nweb.toml\n$ eci validate",
        good_example: "$ mv web.toml web.eci.toml\n$ eci validate",
    }
    "E0102" UNREADABLE "unreadable" "a file or directory cannot be read"
        zh "无法读取文件或目录" {
        found: "The operating system refused to read a manifest or the configuration directory."
            zh "操作系统拒绝读取清单或配置目录。",
        reason: "If a part of the configuration were missing, the plan would delete the resources \
               that it declares."
            zh "如果缺少配置的一部分，计划会删除其中声明的资源。",
        fix: "Check the path given with `-C` and the permissions. Split a manifest that is too \
               large."
            zh "检查 `-C` 指定的路径和权限。拆分过大的清单。",
        bad_example: "$ eci -C prod/webb validate",
        good_example: "$ eci -C prod/web validate",
    }
    "E0103" ENCODING "encoding" "a manifest is not valid UTF-8" zh "清单不是有效的 UTF-8" {
        found: "A manifest contains bytes that are not valid UTF-8."
            zh "清单包含无效的 UTF-8 字节。",
        reason: "TOML files are encoded in UTF-8. Editors on Windows may save Chinese text as GBK or \
               UTF-16."
            zh "TOML 文件使用 UTF-8 编码。Windows 上的编辑器可能将中文文本保存为 GBK 或 UTF-16。",
        fix: "Save the file as UTF-8, or convert it with `iconv`."
            zh "将文件保存为 UTF-8，或使用 `iconv` 转换。",
        bad_example: "$ file web.eci.toml\nweb.eci.toml: ISO-8859 text",
        good_example: "$ iconv -f GB18030 -t UTF-8 web.eci.toml > new && mv new web.eci.toml",
    }
    "E0104" TOML "toml" "a manifest is not valid TOML" zh "清单不是有效的 TOML" {
        found: "A line of a manifest is not valid TOML: a string without its closing quote, a key \
               without a value, or a duplicate key, for example."
            zh "清单中有一行不是有效的 TOML，例如字符串缺少右引号、键没有值或键重复。",
        reason: "The rest of the file is checked as far as it can be understood. Errors that only \
               follow from this one are not reported."
            zh "文件的其余部分仍会尽可能检查，仅由此错误引起的其他错误不会报告。",
        fix: "Check the marked position and the line above it. Strings and expressions must be \
               quoted; for expressions, single quotes are best: `'${var.image}'`. A key that \
               contains anything but ASCII letters, digits, `_` and `-` must be quoted as well."
            zh "检查标记的位置及其上一行。字符串和表达式必须加引号，表达式最好使用单引号：`'${var.image}'`。如果键包含 ASCII 字母、数字、`_` 和 `-` 之外的字符，也必须加引号。",
        bad_example: "[eip.web]\nauto = yes\n",
        good_example: "[eip.web]\nauto = true\n",
    }
    "E0105" BAD_NUMBER "bad-number" "a number is out of range" zh "数值超出范围" {
        found: "A number is infinite, not a number (NaN), or an integer of more than 64 bits."
            zh "数值为无穷大或非数值（NaN），或为超过 64 位的整数。",
        reason: "Neither JSON nor the cloud supports such numbers."
            zh "JSON 和云端都不支持这样的数值。",
        fix: "Use a finite number of at most 64 bits, or put an identifier that looks like a long \
               number in quotes."
            zh "使用不超过 64 位的有限数值；如果是形似长数值的标识符，加上引号。",
        bad_example: "[locals]\naccount = 123456789012345678901234567890\n",
        good_example: "[locals]\naccount = \"123456789012345678901234567890\"\n",
    }
}
