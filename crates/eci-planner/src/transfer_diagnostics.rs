//! Diagnostics about objects that cannot be freed for those that require them.

use eci_core::{Address, Diagnostic, codes, truncate};
use eci_text::{Text, text};

use crate::attachable::Attachable;
use crate::attachment::ReplacedGroup;
use crate::diagnostics::at_its_table;
use crate::step::Step;

/// Returns the advice to make a resource part of the plan.
pub(crate) fn include(address: &Address) -> Text {
    text!(
        en: "add `--target {word}`, or remove the `--exclude` that covers {address}",
        zh: "添加 `--target {word}`，或去掉排除 {address} 的 `--exclude`",
        word = address.in_shell(),
        address = address
    )
}

/// Returns the diagnostic for an object that must be free, and that a group has which an earlier run has
/// replaced and this plan does not delete.
pub(crate) fn left_out(object: &Attachable, replaced: &ReplacedGroup, taker: &Step) -> Diagnostic {
    let (taking, ReplacedGroup { id, address }) = (&taker.address, replaced);
    let message = text!(
        en: "cannot free {object} for {taking}: {id} uses it, which {address} has replaced and which is not part of this plan",
        zh: "无法为 {taking} 释放{object}：{id} 正在使用，该容器组已由 {address} 替换，且不在此计划中",
        object = object,
        taking = taking,
        id = id,
        address = address
    );
    at_its_table(
        Diagnostic::new(codes::TRANSFER, message).help(include(address)),
        taker,
    )
}

/// Returns the diagnostic for an object that a group requires and that an object outside this state
/// has.
pub(crate) fn foreign_holder(object: &Attachable, foreign: &str, taker: &Step) -> Diagnostic {
    let (address, attribute) = match object {
        Attachable::Eip(_) => (&taker.address, "eip"),
        Attachable::Disk(_) => (&taker.address, "volumes"),
    };
    let message = text!(
        en: "cannot attach {object} to {address}: {foreign} uses it and is not in this state",
        zh: "无法将{object} 附加到 {address}：{foreign} 正在使用，且不在此状态中",
        object = object,
        address = address,
        foreign = truncate(foreign)
    );
    let help = text!(
        en: "{detach} {object} in the CTyun console, or remove it from {address}; set `ignore_changes = [\"{attribute}\"]` to leave it where it is",
        zh: "在天翼云控制台中{detach}{object}，或将其从 {address} 中移除；如需保持现状，设置 `ignore_changes = [\"{attribute}\"]`",
        detach = object.detach(),
        object = object,
        address = address,
        attribute = attribute
    );
    at_its_table(Diagnostic::new(codes::TRANSFER, message).help(help), taker)
}
