//! No text makes the loader panic.

use proptest::prelude::*;

use crate::directory::load;

/// Fragments of manifests and expressions, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "[eip.a]\n",
        "[volume.b]\n",
        "[container_group.c]\n",
        "[[container_group.c.containers]]\n",
        "[variable.v]\n",
        "[locals]\n",
        "[output.o]\n",
        "[provider]\n",
        "[[moved]]\n",
        "[[removed]]\n",
        "[[import]]\n",
        "from = ",
        "to = ",
        "id = ",
        "for_each = ",
        "auto = true\n",
        "type = \"EmptyDirVolume\"\n",
        "name = ",
        "image = ",
        "value = ",
        "default = ",
        "eip = ",
        "volumes = ",
        "volume_mounts = ",
        "depends_on = ",
        "lifecycle = ",
        "tags = ",
        "x = ",
        "\"a\"\n",
        "1\n",
        "'${",
        "}'\n",
        "\"${",
        "}\"\n",
        "var.v",
        "local.x",
        "each.key",
        "eip.a",
        "volume.b[\"k\"]",
        "container_group.c",
        ".id",
        ".containers",
        "[*]",
        ".*",
        "[0]",
        "[\"k\"]",
        " + ",
        " / ",
        " == ",
        " && ",
        " ? ",
        " : ",
        "for x in ",
        "for k, v in ",
        " => ",
        "...",
        " if ",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "upper(",
        "join(",
        "try(",
        "merge(",
        "file(",
        "format(",
        "range(",
        "jsonencode(",
        "sensitive(",
        "%{ if true }",
        "%{ endif }",
        "$${",
        "~",
        ", ",
        "null",
        "true",
        "-1",
        "1e999",
        "'''",
        "\"\"\"",
        "\\u0041",
        "\n",
        " ",
        "名",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_makes_the_loader_panic(text in ".*") {
        let _ = load(&text);
    }

    #[test]
    fn no_order_of_pieces_makes_the_loader_panic(text in pieces()) {
        let _ = load(&text);
    }

    #[test]
    fn no_expression_makes_the_evaluation_panic(text in pieces()) {
        let expression: String = text.chars().filter(|c| !matches!(c, '\'' | '\n')).collect();
        let _ = load(&format!("[output.o]\nvalue = '${{{expression}}}'\n"));
    }
}

#[test]
fn deep_nesting_neither_panics_nor_overflows() {
    for depth in [10, 60, 200, 5000] {
        let nested = |open: &str, inner: &str, close: &str| {
            format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
        };
        for expression in [
            nested("(", "1", ")"),
            nested("[", "1", "]"),
            nested("!", "true", ""),
            nested("1 + ", "1", ""),
            nested("upper(", "\"a\"", ")"),
            nested("\"${", "1", "}\""),
            nested("true ? ", "1", " : 2"),
            nested("[for x in [1] : ", "x", "]"),
        ] {
            let _ = load(&format!("[output.o]\nvalue = '${{{expression}}}'\n"));
        }
        let _ = load(&format!("[locals]\nx = {}\n", nested("[", "1", "]")));
        let chain: String = (0..depth)
            .map(|at| format!("l{at} = '${{local.l{}}}'\n", at + 1))
            .collect();
        let end = "'${eip.a.address}'\n[eip.a]\nauto = true\n";
        let _ = load(&format!("[locals]\n{chain}l{depth} = {end}"));
        let _ = load(&format!("[locals]\n{chain}l{depth} = 1\n"));
    }
}
