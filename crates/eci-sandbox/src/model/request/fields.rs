//! The fields of every body, as the API reference and the published client have them.
//!
//! `undocumented` fields are only in the client.

use super::shape::{Field, Record};

const fn record(fields: &'static [Field]) -> Record {
    Record { fields }
}

/// The body of createContainerGroup (seed page).
pub(crate) static CREATE: Record = record(&[
    Field::text("containerGroupName").required(),
    Field::decimal("cpu"),
    Field::decimal("memory"),
    Field::decimal("gpu"),
    Field::text("alsInstanceId"),
    Field::objects("azInfo", &AZ_INFO).required(),
    Field::object("eip", &EIP),
    Field::text("vpcId").required(),
    Field::text("vSwitchId").required(),
    Field::text("securityGroupId").required(),
    Field::objects("hostAliases", &HOST_ALIAS),
    Field::objects("containers", &CONTAINER).required(),
    Field::objects("initContainers", &INIT_CONTAINER),
    Field::text("restartPolicy").required(),
    Field::whole("ephemeralVolume"),
    Field::text("flavorName"),
    Field::text("hostName").or("hostname"),
    Field::flag("autoMatchImageCache"),
    Field::text("imageCacheId"),
    Field::object("dnsConfig", &DNS_CONFIG),
    Field::objects("tags", &TAG),
    Field::objects("imageRegistryCredential", &REGISTRY_CREDENTIAL).or("imageRegistryCredentials"),
    Field::objects("volumes", &VOLUME),
    Field::text("iamRoleName"),
    Field::object("securityContext", &SECURITY_CONTEXT),
    Field::text("dataCacheBucket"),
    Field::text("epId"),
    Field::text("cpuArchitecture"),
    Field::undocumented("serviceAccountName"),
    Field::labels("annotations"),
    Field::labels("labels"),
    Field::undocumented("terminationGracePeriodSeconds"),
]);

/// The body of updateContainerGroup (vendor client): what can be updated in place.
pub(crate) static UPDATE: Record = record(&[
    Field::object("eip", &EIP),
    Field::text("restartPolicy"),
    Field::objects("tags", &TAG),
    Field::objects("containers", &CONTAINER),
    Field::objects("imageRegistryCredential", &REGISTRY_CREDENTIAL).or("imageRegistryCredentials"),
    Field::object("dnsConfig", &DNS_CONFIG),
    Field::objects("volumes", &VOLUME),
    Field::text("containerGroupId"),
]);

static AZ_INFO: Record = record(&[Field::text("azName").required(), Field::whole("azId")]);

static EIP: Record = record(&[
    Field::text("eipInstanceId"),
    Field::flag("autoCreateEip"),
    Field::whole("eipBandwidth"),
    Field::undocumented("publicIpAddressPoolName"),
]);

static HOST_ALIAS: Record = record(&[Field::text("ip"), Field::texts("hostnames")]);

static DNS_CONFIG: Record = record(&[
    Field::texts("nameservers"),
    Field::texts("searches"),
    Field::objects("options", &DNS_OPTION),
]);

static DNS_OPTION: Record = record(&[Field::text("name"), Field::text("value")]);

static TAG: Record = record(&[Field::text("key"), Field::text("value")]);

static REGISTRY_CREDENTIAL: Record = record(&[
    Field::text("server").required(),
    Field::text("userName").required(),
    Field::text("password").required(),
]);

static SECURITY_CONTEXT: Record = record(&[Field::objects("sysctl", &SYSCTL).required()]);

static SYSCTL: Record = record(&[
    Field::text("name").required(),
    Field::text("value").required(),
]);

static CONTAINER: Record = record(&[
    Field::text("name").required(),
    Field::text("image").required(),
    Field::text("imagePullPolicy"),
    Field::decimal("cpu"),
    Field::decimal("memory"),
    Field::decimal("gpu"),
    Field::texts("command"),
    Field::texts("args"),
    Field::objects("ports", &PORT),
    Field::objects("environmentVar", &ENVIRONMENT_VAR),
    Field::text("workingDir"),
    Field::object("livenessProbe", &PROBE),
    Field::object("readinessProbe", &PROBE),
    Field::texts("lifecyclePostStartHandlerExec"),
    Field::texts("lifecyclePreStopHandlerExec"),
    Field::objects("volumeMount", &VOLUME_MOUNT),
    Field::undocumented("securityContext"),
]);

/// A container without probes and handlers (seed page).
static INIT_CONTAINER: Record = record(&[
    Field::text("name").required(),
    Field::text("image").required(),
    Field::text("imagePullPolicy"),
    Field::decimal("cpu"),
    Field::decimal("memory"),
    Field::decimal("gpu"),
    Field::texts("command"),
    Field::texts("args"),
    Field::objects("ports", &PORT),
    Field::objects("environmentVar", &ENVIRONMENT_VAR),
    Field::text("workingDir"),
    Field::objects("volumeMount", &VOLUME_MOUNT),
    Field::undocumented("securityContext"),
]);

static PORT: Record = record(&[
    Field::text("name"),
    Field::whole("port").required(),
    Field::text("protocol").required(),
]);

/// `value` is required unless it comes from a field, which only the client knows.
static ENVIRONMENT_VAR: Record = record(&[
    Field::text("key").required(),
    Field::text("value"),
    Field::undocumented("fieldRef"),
    Field::undocumented("resourceFieldRef"),
]);

static PROBE: Record = record(&[
    Field::object("exec", &PROBE_EXEC),
    Field::object("httpGet", &HTTP_GET),
    Field::object("tcpSocket", &TCP_SOCKET),
    Field::whole("initialDelaySeconds"),
    Field::whole("timeoutSeconds"),
    Field::whole("periodSeconds"),
    Field::whole("successThreshold"),
    Field::whole("failureThreshold"),
]);

static PROBE_EXEC: Record = record(&[Field::texts("command").required()]);

static HTTP_GET: Record = record(&[
    Field::text("scheme").required(),
    Field::whole("port").required(),
    Field::text("path").required(),
    Field::undocumented("host"),
    Field::undocumented("httpHeaders"),
]);

static TCP_SOCKET: Record = record(&[Field::whole("port").required()]);

static VOLUME_MOUNT: Record = record(&[
    Field::text("name").required(),
    Field::text("mountPath").required(),
    Field::flag("readOnly"),
    Field::undocumented("subPath"),
    Field::undocumented("subPathExpr"),
]);

static VOLUME: Record = record(&[
    Field::text("type").required(),
    Field::text("name").required(),
    Field::object("emptyDirVolume", &EMPTY_DIR),
    Field::object("configFileVolume", &CONFIG_FILE),
    Field::object("diskVolume", &DISK),
    Field::object("nasVolume", &NAS),
    Field::object("zosVolume", &ZOS),
    Field::object("downwardAPIVolume", &DOWNWARD_API),
]);

static EMPTY_DIR: Record = record(&[Field::text("medium").required(), Field::whole("sizeLimit")]);

static CONFIG_FILE: Record = record(&[
    Field::whole("defaultMode"),
    Field::objects("configFileToPaths", &CONFIG_FILE_TO_PATH).required(),
]);

static CONFIG_FILE_TO_PATH: Record = record(&[
    Field::text("path").required(),
    Field::text("content").required(),
    Field::whole("mode"),
]);

static DISK: Record = record(&[
    Field::text("volumeHandle").required(),
    Field::text("fsType").required(),
    Field::undocumented("volumeSize"),
    Field::flag("readOnly"),
]);

static NAS: Record = record(&[
    Field::text("sourcePath").required(),
    Field::flag("readOnly"),
]);

static ZOS: Record = record(&[
    Field::text("bucket").required(),
    Field::text("url").required(),
    Field::text("crendential").or("credential").required(),
    Field::flag("readOnly"),
]);

static DOWNWARD_API: Record = record(&[
    Field::whole("defaultMode"),
    Field::objects("items", &DOWNWARD_ITEM).required(),
]);

static DOWNWARD_ITEM: Record = record(&[
    Field::whole("mode"),
    Field::text("path").required(),
    Field::object("fieldRef", &FIELD_REF),
]);

static FIELD_REF: Record = record(&[Field::text("fieldPath")]);

/// The body of describeContainerGroups.
pub(crate) static DESCRIBE_MANY: Record = record(&[
    Field::text("containerGroupName"),
    Field::text("containerGroupIds"),
    Field::objects("tags", &TAG),
    Field::text("status"),
    Field::text("epId"),
    Field::whole("limit"),
    Field::text("nextToken"),
]);

/// The body of describeContainerGroupStatus.
pub(crate) static IDS: Record = record(&[
    Field::text("containerGroupIds").required(),
    Field::whole("limit"),
    Field::text("nextToken"),
]);

/// The body of describeContainerGroupEvent.
pub(crate) static EVENTS: Record = record(&[
    Field::text("containerGroupIds"),
    Field::whole("limit"),
    Field::text("nextToken"),
]);

/// The body of execContainerCommand.
pub(crate) static EXEC: Record = record(&[
    Field::text("containerGroupId").required(),
    Field::text("containerName").required(),
    Field::texts("command").required(),
    Field::flag("stdin"),
    Field::flag("tty"),
    Field::flag("sync"),
]);

/// The body of resizeContainerGroupVolume.
pub(crate) static RESIZE: Record = record(&[
    Field::text("containerGroupId").required(),
    Field::text("volumeName").required(),
    Field::text("volumeHandle").required(),
    Field::whole("newSize").required(),
]);

/// The body of describeContainerGroupPrice.
pub(crate) static PRICE: Record = record(&[
    Field::decimal("cpu"),
    Field::decimal("memory"),
    Field::text("flavorName"),
    Field::text("azName"),
    Field::whole("ephemeralStorage"),
]);

/// The body of restartContainerGroup and deleteContainerGroup: nothing beyond the id that
/// the path has already.
pub(crate) static NOTHING: Record =
    record(&[Field::text("containerGroupId"), Field::flag("force")]);
