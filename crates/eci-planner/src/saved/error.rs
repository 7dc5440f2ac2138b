//! Reasons why a saved plan cannot be applied.

use eci_core::truncate::within;
use eci_core::{Address, Lineage, Serial, truncate};
use eci_state::ParseError;
use eci_text::{In, Lang, Text, messages, text};
use thiserror::Error;

use super::format::FORMAT;

/// The most characters of a list of variables.
const LONGEST: usize = 2000;

/// The difference of an input from what it was when the plan was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The input has other content.
    Changed,
    /// The input did not exist.
    New,
    /// The input no longer exists.
    Deleted,
}

/// The values that an attribute gets by two plans, as they are written in a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlainValues {
    /// The value of the saved plan.
    pub planned: String,
    /// The value of the new plan.
    pub found: String,
}

/// The reason why a saved plan cannot be read, written or applied.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SavedError {
    /// The document is not a plan.
    NotAPlan(ParseError),
    /// The document is large and does not have the form in which a plan is written.
    OtherForm,
    /// The document cannot be read.
    Unreadable(std::io::Error),
    /// A newer version of this program wrote it.
    OtherFormat {
        /// Its format.
        found: u32,
    },
    /// The document is damaged.
    Damaged {
        /// The checksum in it.
        stated: String,
        /// The checksum of its content.
        actual: String,
    },
    /// The plan cannot be written: a defect of this program.
    Unstorable(serde_json::Error),
    /// The plan was created from another state.
    AnotherLineage {
        /// The lineage that it was created from.
        planned: Lineage,
        /// The lineage of the state.
        found: Lineage,
    },
    /// The plan is for another cloud, or another region of it.
    AnotherCloud {
        /// The one that it was created for.
        planned: String,
        /// Whether that is the simulated cloud.
        is_sandbox: bool,
        /// The one that is used now.
        found: String,
    },
    /// The state has changed since.
    AnotherSerial {
        /// The serial that it was created from.
        planned: Serial,
        /// The serial of the state.
        found: Serial,
    },
    /// A manifest differs.
    Manifest {
        /// Its name.
        name: String,
        /// The difference.
        difference: Difference,
    },
    /// A file that a manifest reads differs.
    File {
        /// Its path.
        name: String,
        /// The difference.
        difference: Difference,
    },
    /// A variable has another value.
    Variable {
        /// Its name.
        name: String,
    },
    /// The values of sensitive variables, which no plan contains, are missing.
    MissingVariables {
        /// Their names.
        names: Vec<String>,
    },
    /// The value of a secret that is sent along with a change differs, or is no longer reported.
    Secret,
    /// Another part of the configuration differs.
    Configuration,
    /// A step differs.
    Step {
        /// The resource.
        address: Address,
        /// The action of the plan.
        planned: Text,
        /// The action now.
        found: Text,
    },
    /// A step does the same to an attribute, but to another value.
    Value {
        /// The resource.
        address: Address,
        /// The attribute.
        path: String,
        /// The value of the plan and the value now, unless one of them is secret or not a plain value.
        values: Option<PlainValues>,
    },
    /// A step changes an attribute from another value.
    OldValue {
        /// The resource.
        address: Address,
        /// The attribute.
        path: String,
        /// The old value in the plan and the one now, unless one of them is secret or not a plain value.
        values: Option<PlainValues>,
    },
    /// A step concerns another object.
    Object {
        /// The resource.
        address: Address,
        /// The cloud's ID of the object in the plan.
        planned: String,
        /// The cloud's ID of the object now.
        found: String,
    },
    /// A step has the same result in another order, or detaches or moves another resource for it.
    Way {
        /// The resource.
        address: Address,
        /// The action.
        action: Text,
    },
    /// A value is computed from other resources.
    Dependencies {
        /// The resource.
        address: Address,
    },
    /// An output differs.
    Output {
        /// Its name.
        name: String,
        /// The value of the plan and the value now, unless one of them is secret or not a plain value.
        values: Option<PlainValues>,
    },
}

messages! { SavedError:
    SavedError::NotAPlan(cause) =>
        en("invalid saved plan: {cause}"),
        zh("已保存的计划无效：{}", In(cause, Lang::Zh));
    SavedError::OtherForm =>
        en("invalid saved plan: it does not start with `format` and `plan`, or does not end with `checksum`"),
        zh("已保存的计划无效：未以 `format` 和 `plan` 开头，或未以 `checksum` 结尾");
    SavedError::Unreadable(cause) =>
        en("failed to read the saved plan: {}", In(cause, Lang::En)),
        zh("读取已保存的计划失败：{}", In(cause, Lang::Zh));
    SavedError::OtherFormat { found } =>
        en("the saved plan has format {found}, but this version of eci supports format {FORMAT}"),
        zh("已保存的计划的格式为 {found}，而此版本的 eci 支持格式 {FORMAT}");
    SavedError::Damaged { stated, actual } =>
        en("the saved plan is damaged: its checksum is {}, its content has {actual}", truncate(stated)),
        zh("已保存的计划已损坏：其校验和为 {}，内容的校验和为 {actual}", truncate(stated));
    SavedError::Unstorable(cause) =>
        en("internal error: failed to write the plan: {cause}"),
        zh("内部错误：写入计划失败：{}", In(cause, Lang::Zh));
    SavedError::AnotherLineage { planned, found } =>
        en("the saved plan was created from another state: its lineage is {}, the lineage of this state is {}", truncate(planned), truncate(found)),
        zh("已保存的计划由其他状态生成：其谱系 ID 为 {}，当前状态的谱系 ID 为 {}", truncate(planned), truncate(found));
    SavedError::AnotherCloud { planned, found, .. } =>
        en("the saved plan was created for {}, but the current one is {found}", truncate(planned)),
        zh("已保存的计划针对 {}，而当前为 {found}", truncate(planned));
    SavedError::AnotherSerial { planned, found } =>
        en("the saved plan is stale: the state changed from serial {planned} to {found} after the plan was created"),
        zh("已保存的计划已过期：生成计划后，状态的序列号从 {planned} 变为 {found}");
    SavedError::Manifest { name, difference: Difference::Changed } =>
        en("the saved plan is stale: manifest {} changed after the plan was created", truncate(name)),
        zh("已保存的计划已过期：生成计划后，清单 {} 已变更", truncate(name));
    SavedError::Manifest { name, difference: Difference::New } =>
        en("the saved plan is stale: manifest {} was added after the plan was created", truncate(name)),
        zh("已保存的计划已过期：生成计划后，新增了清单 {}", truncate(name));
    SavedError::Manifest { name, difference: Difference::Deleted } =>
        en("the saved plan is stale: manifest {} was removed after the plan was created", truncate(name)),
        zh("已保存的计划已过期：生成计划后，清单 {} 已移除", truncate(name));
    SavedError::File { name, difference: Difference::Changed } =>
        en("the saved plan is stale: file {}, which a manifest reads, changed after the plan was created", truncate(name)),
        zh("已保存的计划已过期：生成计划后，清单读取的文件 {} 已变更", truncate(name));
    SavedError::File { name, difference: Difference::New } =>
        en("the saved plan is stale: file {}, which a manifest reads, was added after the plan was created", truncate(name)),
        zh("已保存的计划已过期：生成计划后，新增了清单读取的文件 {}", truncate(name));
    SavedError::File { name, difference: Difference::Deleted } =>
        en("the saved plan is stale: file {}, which a manifest reads, was removed after the plan was created", truncate(name)),
        zh("已保存的计划已过期：生成计划后，清单读取的文件 {} 已移除", truncate(name));
    SavedError::Variable { name } =>
        en("variable `{}` does not have the value that the saved plan was created with", truncate(name)),
        zh("变量 `{}` 的值与生成已保存的计划时不同", truncate(name));
    SavedError::MissingVariables { names } =>
        en("missing values of sensitive variables, which a saved plan does not contain: {}", within(variables(names), LONGEST)),
        zh("缺少敏感变量的值，已保存的计划中不包含这些值：{}", within(variables(names), LONGEST));
    SavedError::Secret =>
        en("the saved plan is stale: a secret that `ignore_changes` keeps and the plan sends was changed outside of the configuration"),
        zh("已保存的计划已过期：由 `ignore_changes` 保留且计划需要发送的机密信息在配置之外发生了变更");
    SavedError::Configuration =>
        en("the saved plan is stale: the configuration changed after the plan was created"),
        zh("已保存的计划已过期：生成计划后，配置已变更");
    SavedError::Step { address, planned, found } =>
        en("the saved plan is stale: the planned action on {} is {}, but a new plan has {}",
            truncate(address), truncate(planned), truncate(found)),
        zh("已保存的计划已过期：{} 的计划操作为{}，而重新生成的计划为{}",
            truncate(address), truncate(In(planned, Lang::Zh)), truncate(In(found, Lang::Zh)));
    SavedError::Value { address, path, values: Some(PlainValues { planned, found }) } =>
        en("the saved plan is stale: {} of {} becomes {} in the plan, but {} in a new plan",
            truncate(path), truncate(address), truncate(planned), truncate(found)),
        zh("已保存的计划已过期：{} 的 {} 在计划中变为 {}，而在重新生成的计划中变为 {}",
            truncate(address), truncate(path), truncate(planned), truncate(found));
    SavedError::Value { address, path, values: None } =>
        en("the saved plan is stale: {} of {} does not become the same value in a new plan",
            truncate(path), truncate(address)),
        zh("已保存的计划已过期：在重新生成的计划中，{} 的 {} 变为不同的值",
            truncate(address), truncate(path));
    SavedError::OldValue { address, path, values: Some(PlainValues { planned, found }) } =>
        en("the saved plan is stale: {} of {} was {} when the plan was created, and is {} now",
            truncate(path), truncate(address), truncate(planned), truncate(found)),
        zh("已保存的计划已过期：生成计划时，{} 的 {} 为 {}，而现在为 {}",
            truncate(address), truncate(path), truncate(planned), truncate(found));
    SavedError::OldValue { address, path, values: None } =>
        en("the saved plan is stale: {} of {} changed after the plan was created",
            truncate(path), truncate(address)),
        zh("已保存的计划已过期：生成计划后，{} 的 {} 已变更",
            truncate(address), truncate(path));
    SavedError::Object { address, planned, found } =>
        en("the saved plan is stale: {} was {} when the plan was created, and is {} now",
            truncate(address), truncate(planned), truncate(found)),
        zh("已保存的计划已过期：生成计划时，{} 为 {}，而现在为 {}",
            truncate(address), truncate(planned), truncate(found));
    SavedError::Way { address, action } =>
        en("the saved plan is stale: a new plan performs the {action} of {} in another way", truncate(address)),
        zh("已保存的计划已过期：重新生成的计划以其他方式{} {}", In(action, Lang::Zh), truncate(address));
    SavedError::Dependencies { address } =>
        en("the saved plan is stale: {} has other dependencies in a new plan", truncate(address)),
        zh("已保存的计划已过期：在重新生成的计划中，{} 的依赖不同", truncate(address));
    SavedError::Output { name, values: Some(PlainValues { planned, found }) } =>
        en("the saved plan is stale: output `{}` becomes {} in the plan, but {} in a new plan",
            truncate(name), truncate(planned), truncate(found)),
        zh("已保存的计划已过期：输出 `{}` 在计划中变为 {}，而在重新生成的计划中变为 {}",
            truncate(name), truncate(planned), truncate(found));
    SavedError::Output { name, values: None } =>
        en("the saved plan is stale: output `{}` would have another value than in the plan", truncate(name)),
        zh("已保存的计划已过期：输出 `{}` 的值将与计划不同", truncate(name));
}

impl SavedError {
    /// Returns whether an input of the plan, or its result, differs by now: a new plan may still have the
    /// same steps.
    pub fn is_stale(&self) -> bool {
        matches!(
            self,
            SavedError::AnotherSerial { .. }
                | SavedError::Manifest { .. }
                | SavedError::File { .. }
                | SavedError::Variable { .. }
                | SavedError::Secret
                | SavedError::Configuration
                | SavedError::Step { .. }
                | SavedError::Value { .. }
                | SavedError::OldValue { .. }
                | SavedError::Object { .. }
                | SavedError::Way { .. }
                | SavedError::Dependencies { .. }
                | SavedError::Output { .. }
        )
    }

    /// Returns the remedy.
    pub fn help(&self) -> Text {
        match self {
            SavedError::NotAPlan(_) | SavedError::OtherForm => text!(
                en: "create a plan with `eci plan --out FILE`",
                zh: "使用 `eci plan --out FILE` 生成计划"
            ),
            SavedError::Unreadable(_) => text!(
                en: "check the file and its permissions",
                zh: "检查文件及其权限"
            ),
            SavedError::OtherFormat { .. } => text!(
                en: "use the version of eci that created the plan, or create a new plan with `eci plan --out FILE`",
                zh: "使用生成该计划的 eci 版本，或使用 `eci plan --out FILE` 重新生成计划"
            ),
            SavedError::Unstorable(_) => text!(
                en: "this is a bug in eci; please report it",
                zh: "这是 eci 的缺陷，请反馈"
            ),
            SavedError::AnotherLineage { .. } => text!(
                en: "use `-C` or `--state` to select the state of the plan, or create a new plan with `eci plan --out FILE`",
                zh: "使用 `-C` 或 `--state` 指定该计划的状态，或使用 `eci plan --out FILE` 重新生成计划"
            ),
            SavedError::AnotherCloud {
                is_sandbox: true, ..
            } => text!(
                en: "use `--sandbox` to apply the plan in the simulated cloud, or create a new plan with `eci plan --out FILE`",
                zh: "使用 `--sandbox` 在模拟云中应用该计划，或使用 `eci plan --out FILE` 重新生成计划"
            ),
            SavedError::AnotherCloud { .. } => text!(
                en: "apply the plan there, or create a new plan with `eci plan --out FILE`",
                zh: "在计划对应的环境中应用，或使用 `eci plan --out FILE` 重新生成计划"
            ),
            SavedError::Manifest { .. } | SavedError::File { .. } | SavedError::Configuration => {
                text!(
                    en: "undo the change, or create a new plan with `eci plan --out FILE`",
                    zh: "撤销变更，或使用 `eci plan --out FILE` 重新生成计划"
                )
            }
            SavedError::Variable { .. } => text!(
                en: "use the value that the plan was created with, or create a new plan with `eci plan --out FILE`",
                zh: "使用生成计划时的值，或使用 `eci plan --out FILE` 重新生成计划"
            ),
            SavedError::MissingVariables { names } => text!(
                en: "set them with `--var-file`, or in environment variables: {names}",
                zh: "使用 `--var-file` 或通过环境变量设置：{names}",
                names = within(assignments(names), LONGEST)
            ),
            SavedError::Damaged { .. }
            | SavedError::AnotherSerial { .. }
            | SavedError::Secret
            | SavedError::Step { .. }
            | SavedError::Value { .. }
            | SavedError::OldValue { .. }
            | SavedError::Object { .. }
            | SavedError::Way { .. }
            | SavedError::Dependencies { .. }
            | SavedError::Output { .. } => text!(
                en: "create a new plan with `eci plan --out FILE`",
                zh: "使用 `eci plan --out FILE` 重新生成计划"
            ),
        }
    }
}

/// Returns the names of the variables.
fn variables(names: &[String]) -> String {
    let names = names.iter().map(|name| format!("`{name}`"));
    names.collect::<Vec<_>>().join(", ")
}

/// Returns the variables as the environment gives them.
fn assignments(names: &[String]) -> String {
    let given = names.iter().map(|name| format!("`ECI_VAR_{name}=…`"));
    given.collect::<Vec<_>>().join(", ")
}
