//! The fields of the API model that are neither in the API reference nor in manifests.
//!
//! They are known from the vendor's published client only. The model has them so that a body
//! of that client is read whole; nothing that a manifest says leads to them.

/// Fields that no manifest has, each with the reason.
pub(crate) const CLIENT_ONLY: [(&str, &str); 43] = [
    ("serviceAccountName", KUBERNETES),
    ("annotations", KUBERNETES),
    ("labels", KUBERNETES),
    ("terminationGracePeriodSeconds", UNDOCUMENTED),
    ("eip.publicIpAddressPoolName", UNDOCUMENTED),
    (
        "volumes[].diskVolume.volumeSize",
        "a disk is grown by resizeContainerGroupVolume",
    ),
    (
        "volumes[].diskVolume.readOnly",
        "a mount says whether it is read only",
    ),
    ("containers[].livenessProbe.httpGet.host", UNDOCUMENTED),
    (
        "containers[].livenessProbe.httpGet.httpHeaders[].name",
        UNDOCUMENTED,
    ),
    (
        "containers[].livenessProbe.httpGet.httpHeaders[].value",
        UNDOCUMENTED,
    ),
    ("containers[].readinessProbe.httpGet.host", UNDOCUMENTED),
    (
        "containers[].readinessProbe.httpGet.httpHeaders[].name",
        UNDOCUMENTED,
    ),
    (
        "containers[].readinessProbe.httpGet.httpHeaders[].value",
        UNDOCUMENTED,
    ),
    ("containers[].securityContext.capabilities.add", PRIVILEGES),
    ("containers[].securityContext.capabilities.drop", PRIVILEGES),
    ("containers[].securityContext.privileged", PRIVILEGES),
    (
        "containers[].securityContext.readOnlyRootFileSystem",
        PRIVILEGES,
    ),
    (
        "containers[].securityContext.allowPrivilegeEscalation",
        PRIVILEGES,
    ),
    ("containers[].securityContext.runAsNonRoot", PRIVILEGES),
    ("containers[].securityContext.runAsUser", PRIVILEGES),
    ("containers[].securityContext.runAsGroup", PRIVILEGES),
    (
        "containers[].environmentVar[].fieldRef.fieldPath",
        KUBERNETES,
    ),
    (
        "containers[].environmentVar[].fieldRef.apiVersion",
        KUBERNETES,
    ),
    (
        "containers[].environmentVar[].resourceFieldRef.containerName",
        KUBERNETES,
    ),
    (
        "containers[].environmentVar[].resourceFieldRef.resource",
        KUBERNETES,
    ),
    (
        "containers[].environmentVar[].resourceFieldRef.divisor",
        KUBERNETES,
    ),
    ("containers[].volumeMount[].subPath", UNDOCUMENTED),
    ("containers[].volumeMount[].subPathExpr", UNDOCUMENTED),
    (
        "initContainers[].securityContext.capabilities.add",
        PRIVILEGES,
    ),
    (
        "initContainers[].securityContext.capabilities.drop",
        PRIVILEGES,
    ),
    ("initContainers[].securityContext.privileged", PRIVILEGES),
    (
        "initContainers[].securityContext.readOnlyRootFileSystem",
        PRIVILEGES,
    ),
    (
        "initContainers[].securityContext.allowPrivilegeEscalation",
        PRIVILEGES,
    ),
    ("initContainers[].securityContext.runAsNonRoot", PRIVILEGES),
    ("initContainers[].securityContext.runAsUser", PRIVILEGES),
    ("initContainers[].securityContext.runAsGroup", PRIVILEGES),
    (
        "initContainers[].environmentVar[].fieldRef.fieldPath",
        KUBERNETES,
    ),
    (
        "initContainers[].environmentVar[].fieldRef.apiVersion",
        KUBERNETES,
    ),
    (
        "initContainers[].environmentVar[].resourceFieldRef.containerName",
        KUBERNETES,
    ),
    (
        "initContainers[].environmentVar[].resourceFieldRef.resource",
        KUBERNETES,
    ),
    (
        "initContainers[].environmentVar[].resourceFieldRef.divisor",
        KUBERNETES,
    ),
    ("initContainers[].volumeMount[].subPath", UNDOCUMENTED),
    ("initContainers[].volumeMount[].subPathExpr", UNDOCUMENTED),
];

const UNDOCUMENTED: &str = "what the cloud does with it is not documented";
const KUBERNETES: &str = "it is for the virtual node of a Kubernetes cluster";
const PRIVILEGES: &str = "the page gives containers no privileges of their own";

/// Other spellings, which the vendor's client has, of fields of the page.
pub(crate) const SPELLINGS: [(&str, &str); 3] = [
    ("hostname", "hostName"),
    ("imageRegistryCredentials", "imageRegistryCredential"),
    (
        "volumes[].zosVolume.credential",
        "volumes[].zosVolume.crendential",
    ),
];
