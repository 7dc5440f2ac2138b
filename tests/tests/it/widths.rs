//! Lines that fit the terminal, in both languages, at 50, 80 and 120 columns.
//!
//! A line may be wider only where it cannot be broken without harm: one word, for example a value without
//! spaces, an address or a path; a command in backticks or in an example, which is copied; a line of a
//! manifest that a diagnostic quotes. Values that `eci output`, `eci show` and `eci state show` print are
//! copied too, and `eci graph` writes for programs; these are not broken at all.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::io::{Read as _, Write as _};

use eci_tests::{Cloud, Project, binaries};
use regex::Regex;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const MANIFEST: &str = r#"
[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"

[variable.password]
sensitive = true

[locals]
network = { vpc = "vpc-ctt6yag121", subnet = "subnet-y9n723knrg", group = "sg-5bvqyvrmch" }
zone = "cn-huadong1-jsnj1A-public-ctcloud"

[volume.data]
type = "DiskVolume"
fs_type = "ext4"
lifecycle = { prevent_destroy = false }

[volume.data.disk]
size = 40
kind = "SSD"
az_name = '${local.zone}'

[eip.front]
bandwidth = 5

[container_group.database]
vpc_id = '${local.network.vpc}'
vswitch_id = '${local.network.subnet}'
security_group_id = '${local.network.group}'
az_name = '${local.zone}'
cpu = 2
memory = 4

[[container_group.database.containers]]
name = "postgres"
image = "postgres:17"
ports = [{ port = 5432 }]
volume_mounts = [{ volume = "data", mount_path = "/var/lib/postgresql/data" }]
readiness_probe = { tcp_socket = { port = 5432 } }

[container_group.database.containers.env]
PASSWORD = '${var.password}'
GREETING = "一个很长的问候：欢迎光临本店，祝您购物愉快，我们将在二十四小时内发货，谢谢惠顾"

[container_group.web]
for_each = ["east", "一个很长的中文键，用来测试宽度 和换行"]
name = 'web-${each.key == "east" ? "e" : "w"}'
vpc_id = '${local.network.vpc}'
vswitch_id = '${local.network.subnet}'
security_group_id = '${local.network.group}'
az_name = '${local.zone}'
cpu = 0.5
memory = 1
tags = { description = "a tag with a rather long value that has many words in it and spaces" }

[[container_group.web.containers]]
name = "nginx"
image = "registry.cn-huadong1.ctyun.cn/shop-production/storefront-frontend:2026.11.30-rc.1"
command = ["sh", "-c", "echo a long command with many words; exec nginx -g 'daemon off;' -c /etc/nginx.conf"]
ports = [{ port = 8000 }]
env = { DATABASE = 'postgres://shop:${var.password}@${container_group.database.intranet_ip}:5432/shop' }

[output.address]
value = 'http://${eip.front.address}:8000/'
"#;

/// A width and a language.
#[derive(Clone, Copy)]
struct Terminal {
    columns: u16,
    lang: &'static str,
}

impl Terminal {
    /// Runs a command on this terminal, with this as input, and returns what it shows.
    fn run(self, project: &Project, arguments: &[&str], input: &str) -> String {
        let keys = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keys).unwrap();
        unlockpt(&keys).unwrap();
        let size = Winsize {
            ws_row: 40,
            ws_col: self.columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&keys, size).unwrap();
        let name = ptsname(&keys, Vec::new()).unwrap().into_string().unwrap();
        let line = File::options().read(true).write(true).open(name).unwrap();
        let end = || line.try_clone().unwrap();
        let mut child = binaries::command("eci")
            .args(arguments)
            .env("TERM", "xterm")
            .env("ECI_LANG", self.lang)
            .env("ECI_VAR_password", "s3cret-s3cret")
            .env("CTYUN_AK", "sandbox")
            .env("CTYUN_SK", "sandbox")
            .current_dir(project.path())
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        drop(line);
        let mut keys = File::from(keys);
        keys.write_all(input.as_bytes()).unwrap();
        let mut shown = Vec::new();
        let mut part = [0; 4096];
        // Once the program has ended, the terminal is closed.
        while let Ok(length @ 1..) = keys.read(&mut part) {
            shown.extend_from_slice(&part[..length]);
        }
        child.wait().unwrap();
        let shown = String::from_utf8_lossy(&shown).into_owned();
        // Colors take no room; whatever else moves the cursor begins another line.
        let colors = Regex::new("\x1b\\[[0-9;]*m").unwrap();
        let moves = Regex::new("\x1b\\[[0-9;?]*[A-Za-z]|\r\n?").unwrap();
        moves
            .replace_all(&colors.replace_all(&shown, ""), "\n")
            .into_owned()
    }

    /// Returns a text as a terminal breaks it.
    fn rows(self, text: &str) -> Vec<String> {
        let mut rows = vec![String::new()];
        for character in text.chars() {
            let row = rows.last().unwrap();
            if row.width() + character.width().unwrap_or(0) > usize::from(self.columns) {
                rows.push(String::new());
            }
            rows.last_mut().unwrap().push(character);
        }
        rows
    }

    /// Runs a command of which every line must fit, and returns what it shows.
    fn check(self, project: &Project, arguments: &[&str], input: &str) -> String {
        let text = self.run(project, arguments, input);
        let begins = Regex::new("^(?:[─━⠁-⣿]|container_group\\.|eip\\.|volume\\.)").unwrap();
        for line in text.lines() {
            let place = format!("{arguments:?} in {}: {line:?}\n{text}", self.lang);
            if line.width() <= usize::from(self.columns) || may_be_wide(line) {
                continue;
            }
            // The lines of a progress display are filled with spaces instead of ended.
            let is_drawn = |it| matches!(it, '─' | '━' | '⠁'..='⣿');
            assert!(line.contains(is_drawn), "too wide: {place}");
            let rows = self.rows(line);
            for (row, next) in rows.iter().zip(&rows[1..]) {
                let is_line = row.ends_with(' ') || begins.is_match(next);
                assert!(is_line || may_be_wide(row), "{row:?} is too wide: {place}");
            }
        }
        text
    }
}

/// Returns whether a line cannot be broken.
fn may_be_wide(line: &str) -> bool {
    let quotation = Regex::new(r"^ *[0-9]* [|+-] ").unwrap();
    let code = Regex::new("`[^`]*`|[\\w\\]-]\\[\"[^\"]*\"\\]").unwrap();
    // The sign of a step, `=` and `→` stay with the value that follows; a bar with its end.
    let signs = Regex::new(r"^(?:[-+~/=→#<>.] ?)+").unwrap();
    let line_without_code = code.replace_all(line, "code");
    let rest = signs.replace(line_without_code.trim(), "");
    let is_example = line.starts_with("  eci ") && !line.trim_start().contains("   ");
    quotation.is_match(line) || is_example || !rest.trim().contains(' ')
}

/// Checks all widths in one language.
fn check_all(lang: &'static str) {
    std::thread::scope(|scope| {
        for columns in [50, 80, 120] {
            scope.spawn(move || check(Terminal { columns, lang }));
        }
    });
}

/// Runs what people read most, from the first command to the last.
fn check(terminal: Terminal) {
    let lang = terminal.lang;
    let cloud = Cloud::start();
    let flags = cloud.flags();
    let with_cloud = |line: &'static str| -> Vec<&str> {
        let words = line.split(' ');
        words.chain(flags.iter().map(String::as_str)).collect()
    };
    let project = Project::empty();
    assert!(terminal.check(&project, &["init"], "").contains("CTYUN_AK"));
    let plan = terminal.check(&project, &with_cloud("plan"), "");
    assert!(plan.contains("http_get"), "{plan}");

    let project = Project::new(MANIFEST);
    let local = |line: &'static str| {
        let words: Vec<&str> = line.split(' ').collect();
        terminal.check(&project, &words, "")
    };
    let run = |line, input| terminal.check(&project, &with_cloud(line), input);
    let expect = |text: String, expected: [&str; 2]| {
        let expected = expected[usize::from(lang == "zh")];
        assert!(text.contains(expected), "no {expected:?} in {text}");
    };
    expect(local("init"), ["Kept", "保留"]);
    expect(local("validate"), ["valid", "有效"]);
    expect(run("plan --cost", ""), ["monthly cost", "月费用"]);
    expect(run("apply", "no\n"), ["Canceled", "已取消"]);
    expect(run("apply --auto-approve", ""), ["5 created", "创建 5 个"]);
    expect(run("status", ""), ["RESTARTS", "重启次数"]);
    expect(
        run("events container_group.database", ""),
        ["REASON", "原因"],
    );
    expect(run("orphans", ""), ["No orphaned", "未发现"]);
    assert!(local("state list").contains("container_group.database"));
    assert!(local("workspace list").contains("default"));
    expect(local("state cloud"), ["region", "区域"]);
    expect(local("explain E0711"), ["Reason", "原因"]);
    assert!(local("explain").contains("W1102"));
    expect(local("plan -h"), ["Usage", "用法"]);

    // Changes of each form: in place, of a line of a list, of a long value, and a replacement.
    for [from, to] in [
        ["rc.1", "rc.2"],
        ["cpu = 2", "cpu = 4"],
        ["购物愉快", "生活愉快"],
        ["many words;", "many other words;"],
        ["tags = { description", "#tags = { description"],
        ["bandwidth = 5", "bandwidth = 10"],
    ] {
        project.edit("main.eci.toml", from, to);
    }
    expect(run("plan --cost", ""), ["forces replacement", "导致替换"]);
    expect(
        run("taint container_group.database", ""),
        ["tainted", "污点"],
    );
    expect(run("plan", ""), ["is tainted", "已标记为污点"]);
    expect(run("apply --auto-approve", ""), ["1 replaced", "替换 1 个"]);
    expect(run("destroy", "no\n"), ["Data loss", "数据"]);

    // Mistakes.
    let missing = "plan --target container_group.webb";
    assert!(run(missing, "").contains("E0904"));
    expect(local("import"), ["required arguments", "必填参数"]);
    expect(local("plan --nonsense"), ["--nonsense", "--nonsense"]);
    project.edit(
        "main.eci.toml",
        "cpu = 4",
        "cpu = 'a text that is too long for a line, however wide it may be'",
    );
    project.edit("main.eci.toml", "vswitch_id", "vswitsh_id");
    assert!(local("validate").contains("E0202"));
    project.edit("main.eci.toml", "vswitsh_id", "vswitch_id");
    project.edit(
        "main.eci.toml",
        "cpu = 'a text that is too long for a line, however wide it may be'",
        "cpu = 4",
    );
    expect(
        run("destroy --auto-approve", ""),
        ["5 deleted", "删除 5 个"],
    );
}

#[test]
fn only_what_cannot_be_broken_may_be_wide() {
    for line in [
        "    → \"registry.example.com/shop:2026.11.30\"",
        "  # container_group.web[\"east one\"]",
        "     `eci state list --sandbox`",
        "33 | cpu = \"four and more\"",
        "   |       ^^^^^^^^",
    ] {
        assert!(may_be_wide(line), "{line}");
    }
    for line in [
        "The configuration is valid: 3 container groups",
        "      image = \"nginx:1.28\"",
        "  # container_group.web will be created",
        "run `eci plan` again",
    ] {
        assert!(!may_be_wide(line), "{line}");
    }
}

#[test]
fn lines_in_english_fit() {
    check_all("en");
}

#[test]
fn lines_in_chinese_fit() {
    check_all("zh");
}
