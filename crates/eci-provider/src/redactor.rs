//! What the cloud says of a resource, without the secrets of that resource.

use eci_api::Status;
use eci_api::types::{COVER, DescribedGroup, Event, RequestSecrets};
use eci_core::digest::KnownDigests;
use eci_core::{DigestKey, Map};
use eci_text::Text;

use crate::failure_details::FailureDetails;
use crate::request::secrets;

/// Covers the secrets of a resource in what the cloud says of it.
#[derive(Clone, Debug)]
pub struct Redactor {
    /// Those that are known.
    clear: RequestSecrets,
    /// Those of which only digests are.
    digests: KnownDigests,
}

impl Redactor {
    /// Creates a redactor that knows the sensitive values in these attributes: those desired,
    /// recorded and observed.
    pub fn new<'a>(key: &DigestKey, known: impl IntoIterator<Item = &'a Map>) -> Redactor {
        let mut digests = KnownDigests::new(key);
        let mut clear = Vec::new();
        for attributes in known {
            digests.add(attributes);
            clear.extend(secrets(attributes));
        }
        Redactor {
            clear: RequestSecrets::new(clear),
            digests,
        }
    }

    /// Returns the text with all secrets covered.
    pub fn cover(&self, text: &str) -> String {
        let covered = if self.clear.is_empty() {
            text.to_owned()
        } else {
            self.clear.redact(text)
        };
        self.digests.cover(&covered, COVER).into_owned()
    }

    /// Returns the message without the secrets.
    pub fn cover_message(&self, message: Text) -> Text {
        message.map(|part| self.cover(&part).into())
    }

    /// Returns whether a text contains one of the known secrets.
    pub fn is_quoted_in(&self, text: &str) -> bool {
        self.clear.is_quoted_in(text)
    }

    /// Redacts them in the report of a group and its containers.
    pub fn cover_group(&self, group: &mut DescribedGroup) {
        if let Status::Other(status) = &mut group.status {
            *status = self.cover(status);
        }
        let texts = [
            &mut group.intranet_ip,
            &mut group.internet_ip,
            &mut group.ipv6_address,
            &mut group.creation_time,
        ];
        for text in texts.into_iter().flatten() {
            *text = self.cover(text);
        }
        let containers = group.init_containers.iter_mut();
        for container in containers.chain(&mut group.containers) {
            container.name = self.cover(&container.name);
            for state in container
                .current_state
                .iter_mut()
                .chain(&mut container.previous_state)
            {
                let texts = [&mut state.state, &mut state.reason, &mut state.message];
                for text in texts.into_iter().flatten() {
                    *text = self.cover(text);
                }
            }
        }
    }

    /// Covers them in an event.
    pub fn cover_event(&self, event: &mut Event) {
        let reporter = event.source.as_mut().map(|source| &mut source.component);
        let texts = [
            &mut event.event_type,
            &mut event.reason,
            &mut event.message,
            &mut event.reporting_component,
        ];
        for text in texts.into_iter().chain(reporter).flatten() {
            *text = self.cover(text);
        }
    }

    /// Covers them in what explains why a group did not become ready.
    pub fn cover_explanation(&self, explanation: &mut FailureDetails) {
        let FailureDetails {
            events,
            container,
            exit_code: _,
            log,
        } = explanation;
        let texts = events.iter_mut().chain(container).chain(log);
        for text in texts {
            *text = self.cover(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use eci_core::Value;

    use super::*;

    #[test]
    fn what_is_known_in_clear_or_by_its_digest_is_covered() {
        let key = DigestKey::new([7; 32]);
        let attributes = |image: Value| Map::from_iter([("image".into(), image)]);
        let secret = |text: &str| attributes(Value::from(text).into_sensitive());
        let recorded = attributes(key.redact(&Value::from("hush-1:1").into_sensitive()));
        let redactor = Redactor::new(&key, [&secret("hush-2:1"), &recorded]);
        let redacted = redactor.cover("Pulling image \"hush-1:1\", then hush-2:1 and nginx:1");
        assert_eq!(redacted, "Pulling image \"***\", then *** and nginx:1");
    }
}
