//! The secrets of a resource, covered in reports of the cloud.

use eci_api::Status;
use eci_api::types::{DescribedGroup, Event};
use eci_core::Redactor;

use crate::failure_details::FailureDetails;

/// Covers the secrets in the report of a group and its containers.
pub fn cover_group(redactor: &Redactor, group: &mut DescribedGroup) {
    if let Status::Other(status) = &mut group.status {
        *status = redactor.cover(status);
    }
    let texts = [
        &mut group.intranet_ip,
        &mut group.internet_ip,
        &mut group.ipv6_address,
        &mut group.creation_time,
    ];
    for text in texts.into_iter().flatten() {
        *text = redactor.cover(text);
    }
    let containers = group.init_containers.iter_mut();
    for container in containers.chain(&mut group.containers) {
        container.name = redactor.cover(&container.name);
        for state in container
            .current_state
            .iter_mut()
            .chain(&mut container.previous_state)
        {
            let texts = [&mut state.state, &mut state.reason, &mut state.message];
            for text in texts.into_iter().flatten() {
                *text = redactor.cover(text);
            }
        }
    }
}

/// Covers the secrets in an event.
pub fn cover_event(redactor: &Redactor, event: &mut Event) {
    let reporter = event.source.as_mut().map(|source| &mut source.component);
    let texts = [
        &mut event.event_type,
        &mut event.reason,
        &mut event.message,
        &mut event.reporting_component,
    ];
    for text in texts.into_iter().chain(reporter).flatten() {
        *text = redactor.cover(text);
    }
}

/// Covers the secrets in what explains why a group did not become ready.
pub fn cover_explanation(redactor: &Redactor, explanation: &mut FailureDetails) {
    let FailureDetails {
        events,
        container,
        exit_code: _,
        restarts: _,
        log,
    } = explanation;
    let texts = events.iter_mut().chain(container).chain(log);
    for text in texts {
        *text = redactor.cover(text);
    }
}
