//! The declared properties of kinds: what is particular to one of them.

use eci_text::{Noun, Text};

use crate::address::Kind;
use crate::schema::Object;
use crate::value::Map;

/// The description of a kind: its names, its fields and how its resources behave.
///
/// **Invariant:** whatever code decides by kind is declared here, so that a new kind is described
/// once. No other crate compares against a kind to find out how it behaves.
#[derive(Debug)]
#[non_exhaustive]
pub struct Properties {
    /// The kind.
    pub kind: Kind,
    /// The name in manifests and addresses.
    pub name: &'static str,
    /// The description of its fields.
    pub schema: &'static Object,
    /// Its names for people.
    pub nouns: Nouns,
    /// The beginning of the cloud's ids, unless they are UUIDs.
    pub id_prefix: Option<&'static str>,
    /// An id of the form that the cloud gives, for help texts.
    pub example_id: &'static str,
    /// The attribute that names an existing object, which is used and never deleted.
    pub existing_by: Option<&'static str>,
    /// The optional attributes that the cloud assigns to a created resource.
    pub assigned: &'static [&'static str],
    /// The attribute that is its name in the cloud, from the outside in.
    pub name_path: &'static [&'static str],
    /// Whether the cloud refuses a second object of one name in an account and region.
    pub has_unique_names: bool,
    /// Whether a table with these entries gets the label as its default name.
    pub takes_default_name: fn(&Map) -> bool,
    /// The resources that are standalone in the cloud.
    pub standalone: StandaloneCondition,
    /// Whether orders create, change and delete it, each with a client token.
    ///
    /// An order carries all that is to be paid for, and each update in place is a separate call.
    /// Otherwise a create is known by its operation tag alone, and one call changes whole
    /// attributes.
    pub is_ordered: bool,
    /// The place of the operation tag in the cloud.
    pub mark: Mark,
    /// Whether a separate service has its fields, at the `service_*_path` of each; otherwise
    /// the `request_path` and `response_path` apply.
    pub uses_service_paths: bool,
    /// Whether EIPs and volumes are attached to its resources, which come after those that they
    /// use and are deleted before them.
    pub holds_attachments: bool,
    /// The attribute of a holder that lists what of this kind is attached to it.
    pub attached_as: Option<&'static str>,
    /// Whether its resources run containers, which have logs and take commands.
    pub runs_containers: bool,
    /// Whether its resources are public IP addresses.
    ///
    /// The address of one that is not standalone is known from the resource that it is attached to.
    pub is_public_ip: bool,
    /// The loss that deleting a standalone resource means.
    pub loss: Option<Loss>,
    /// Whether a resource is replaced where it failed; otherwise that would cost its address or
    /// its data, and it is left as it is.
    pub is_replaced_on_failure: bool,
    /// Whether a replacement is created before the old resource is deleted, because what uses it
    /// can be without one only by taking another.
    pub is_created_before_replaced: bool,
    /// Whether the cloud fills in computed attributes only while a resource starts.
    pub is_filled_in_later: bool,
    /// Whether a resource that somebody else deletes counts as missing at once; otherwise its end
    /// is waited for.
    pub is_missing_while_deleting: bool,
    /// The shape of its nodes in drawings of the dependency graph.
    pub shape: NodeShape,
}

/// The names of a kind for people.
#[derive(Debug)]
#[non_exhaustive]
pub struct Nouns {
    /// The object in the cloud, for example `disk`.
    pub object: &'static str,
    /// The object with its article, for example `an EIP`.
    pub with_article: &'static str,
    /// The object where space is short, for example `group`.
    pub short: &'static str,
    /// The table of a manifest, for example `volume`.
    pub table: &'static str,
    /// A resource of the kind that is counted, for example `2 volumes`.
    pub counted: Noun,
    /// The object in Chinese, for example `云硬盘`: it begins with a Han character.
    pub zh: &'static str,
}

impl Nouns {
    /// Returns the object with its article in English, in all languages.
    pub const fn title(&self) -> Text {
        Text::fixed(self.with_article, self.zh)
    }

    /// Returns the object in all languages.
    pub const fn in_all(&self) -> Text {
        Text::fixed(self.object, self.zh)
    }
}

/// The resources of a kind that are standalone in the cloud.
#[derive(Debug)]
#[non_exhaustive]
pub enum StandaloneCondition {
    /// All of them.
    Always,
    /// Those with such attributes in normal form; all others travel inside their holders.
    If(fn(&Map) -> bool),
}

/// The place of the operation tag, which identifies the create of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mark {
    /// A tag, in full, which calls can add and change.
    Tag,
    /// A label, in the short form, which no call changes.
    Label,
    /// None: the object carries nothing.
    None,
}

/// The loss that deleting a resource means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Data.
    ///
    /// Such a resource is protected from deletion by default.
    Data,
    /// A public IP address.
    Address,
}

/// The shape of a node in a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeShape {
    /// A box.
    Box,
    /// A cylinder.
    Cylinder,
    /// An ellipse.
    Ellipse,
}

impl Properties {
    /// Returns whether its standalone resources hold data, so that they are protected from
    /// deletion by default.
    pub fn holds_data(&self) -> bool {
        self.loss == Some(Loss::Data)
    }

    /// Returns whether every resource is standalone: a separate object in the cloud.
    pub fn is_always_standalone(&self) -> bool {
        matches!(self.standalone, StandaloneCondition::Always)
    }

    /// Returns whether the operation tag is found again in the cloud by a search for it.
    pub fn is_tagged(&self) -> bool {
        self.mark == Mark::Tag
    }

    /// Returns whether an object in the cloud carries no mark of its create.
    pub fn is_unmarked(&self) -> bool {
        self.mark == Mark::None
    }
}
