//! The fields of a type that is sent, read from the type itself.
//!
//! A type that derives `Deserialize` passes the names of its fields to the deserializer before it
//! takes any value. [`fields`] is a deserializer that records these names and answers each field
//! with a value of the requested kind, so that every nested type passes its fields as well. Nothing
//! has to be listed by hand, and a field that is added is found.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

/// The fields of a type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// The places of those that hold no further fields.
    pub places: BTreeSet<String>,
    /// Other spellings, each with its place.
    pub spellings: BTreeMap<String, String>,
    /// The places whose names have to be given ahead of their other spellings.
    first: BTreeSet<String>,
}

/// Returns the fields of a type, and of the types in it.
///
/// # Panics
///
/// If the type requests an unsupported kind of value.
pub fn fields<T: for<'de> Deserialize<'de>>() -> Fields {
    let noted = RefCell::new(Fields::default());
    loop {
        // What a try has noted before it met another spelling is noted again by the next.
        noted.borrow_mut().places.clear();
        let player = Player {
            place: String::new(),
            noted: &noted,
        };
        match T::deserialize(player) {
            Ok(_) => return noted.into_inner(),
            // The name of the field after another spelling: the next try gives it first, and
            // so finds which spelling that was.
            Err(PlayError::Twice { place, of }) if place == of => {
                noted.borrow_mut().first.insert(place);
            }
            Err(PlayError::Twice { place, of }) => {
                noted.borrow_mut().spellings.insert(place, of);
            }
            Err(PlayError::Else(message)) => panic!("{message}"),
        }
    }
}

/// The reason why a type does not take a value.
#[derive(Debug, thiserror::Error)]
enum PlayError {
    /// Two names are spellings of one field.
    #[error("{place} is another spelling of {of}")]
    Twice { place: String, of: String },
    #[error("{0}")]
    Else(String),
}

impl serde::de::Error for PlayError {
    fn custom<T: fmt::Display>(message: T) -> PlayError {
        PlayError::Else(message.to_string())
    }

    /// Passed by the type without the place, which the object that contains the field adds.
    fn duplicate_field(field: &'static str) -> PlayError {
        PlayError::Twice {
            place: String::new(),
            of: field.to_owned(),
        }
    }
}

/// Gives a type at a place the requested value.
struct Player<'a> {
    place: String,
    noted: &'a RefCell<Fields>,
}

impl Player<'_> {
    fn inside(&self, step: &str) -> Self {
        Player {
            place: format!("{}{step}", self.place),
            noted: self.noted,
        }
    }

    /// Notes that the place holds no further fields.
    fn note(&self) {
        let place = self.place.clone();
        // The texts of a list are not separate places.
        let place = place.strip_suffix("[]").map(str::to_owned).unwrap_or(place);
        self.noted.borrow_mut().places.insert(place);
    }
}

macro_rules! play {
    ($($method:ident gives $visit:ident($value:expr);)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PlayError> {
            self.note();
            visitor.$visit($value)
        }
    )*};
}

impl<'de> Deserializer<'de> for Player<'_> {
    type Error = PlayError;

    play! {
        deserialize_any gives visit_str("text");
        deserialize_str gives visit_str("text");
        deserialize_string gives visit_str("text");
        deserialize_bool gives visit_bool(true);
        deserialize_i64 gives visit_i64(1);
        deserialize_u64 gives visit_u64(1);
        deserialize_f64 gives visit_f64(1.0);
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PlayError> {
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PlayError> {
        visitor.visit_seq(SingleItem(Some(self.inside("[]"))))
    }

    /// A map has no field names: it is one field.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PlayError> {
        self.note();
        visitor.visit_map(&mut Object::new(&[], self))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, PlayError> {
        let mut object = Object::new(names, self);
        let given = visitor.visit_map(&mut object);
        given.map_err(|error| match error {
            PlayError::Twice { place, of } if place.is_empty() => PlayError::Twice {
                place: object.last(),
                of: object.place(&of),
            },
            other => other,
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, PlayError> {
        self.note();
        let first = variants.first();
        visitor.visit_enum(Word(
            first.ok_or_else(|| PlayError::custom(format!("{name} has no variant")))?,
        ))
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u128 f32 char bytes byte_buf unit unit_struct newtype_struct
        tuple tuple_struct identifier ignored_any
    }
}

/// A list of one item.
struct SingleItem<'a>(Option<Player<'a>>);

impl<'de> SeqAccess<'de> for SingleItem<'_> {
    type Error = PlayError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, PlayError> {
        self.0
            .take()
            .map(|player| seed.deserialize(player))
            .transpose()
    }
}

/// An object that has all its fields.
struct Object<'a> {
    /// The names to give.
    names: Vec<&'static str>,
    /// The first that was not given yet.
    at: usize,
    player: Player<'a>,
}

impl<'a> Object<'a> {
    fn new(names: &[&'static str], player: Player<'a>) -> Object<'a> {
        let mut object = Object {
            names: Vec::new(),
            at: 0,
            player,
        };
        let noted = object.player.noted.borrow();
        let known = |name: &&&'static str| !noted.spellings.contains_key(&object.place(name));
        let mut names: Vec<_> = names.iter().filter(known).copied().collect();
        names.sort_by_key(|name| !noted.first.contains(&object.place(name)));
        drop(noted);
        object.names = names;
        object
    }

    /// Returns the place of the name that was given last.
    fn last(&self) -> String {
        self.place(self.names[self.at - 1])
    }

    fn place(&self, name: &str) -> String {
        match self.player.place.as_str() {
            "" => name.to_owned(),
            place => format!("{place}.{name}"),
        }
    }
}

impl<'de> MapAccess<'de> for &mut Object<'_> {
    type Error = PlayError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, PlayError> {
        let Some(name) = self.names.get(self.at) else {
            return Ok(None);
        };
        self.at += 1;
        let name: StrDeserializer<'_, PlayError> = StrDeserializer::new(name);
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, PlayError> {
        seed.deserialize(Player {
            place: self.last(),
            noted: self.player.noted,
        })
    }
}

/// A variant without content.
struct Word(&'static str);

impl<'de> EnumAccess<'de> for Word {
    type Error = PlayError;
    type Variant = Word;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Word), PlayError> {
        let name: StrDeserializer<'_, PlayError> = StrDeserializer::new(self.0);
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Word {
    type Error = PlayError;

    fn unit_variant(self) -> Result<(), PlayError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, PlayError> {
        Err(PlayError::custom("a variant with content is not played"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, PlayError> {
        Err(PlayError::custom("a variant with content is not played"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, PlayError> {
        Err(PlayError::custom("a variant with content is not played"))
    }
}

#[cfg(test)]
#[allow(dead_code)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Outer {
        one_name: String,
        #[serde(alias = "otherList")]
        lists: Option<Vec<Inner>>,
        texts: Vec<String>,
        free: BTreeMap<String, String>,
        word: Word,
    }

    #[derive(Deserialize)]
    struct Inner {
        #[serde(alias = "amount")]
        number: i64,
        is_so: Option<bool>,
    }

    #[derive(Deserialize)]
    enum Word {
        Yes,
        No,
    }

    #[test]
    fn all_fields_of_all_types_in_a_type_are_found() {
        let found = fields::<Outer>();
        let places = [
            "free",
            "lists[].is_so",
            "lists[].number",
            "oneName",
            "texts",
            "word",
        ];
        assert_eq!(
            found.places,
            places.into_iter().map(str::to_owned).collect()
        );
        let spellings = [("otherList", "lists"), ("lists[].amount", "lists[].number")];
        assert_eq!(
            found.spellings,
            spellings
                .into_iter()
                .map(|(place, of)| (place.to_owned(), of.to_owned()))
                .collect()
        );
    }
}
