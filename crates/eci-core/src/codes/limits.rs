//! 07xx: limits of the cloud that need no cloud to check.
//!
//! Errors are what the vendor's page states. What is known only from a cloud with the same
//! product is a warning, and its text says that it is assumed.

codes! {
    "E0701" ABSOLUTE_PATH "absolute-path" "a path must be absolute" {
        what: "A path in a container does not start with `/`.",
        why: "A mount path cannot be relative.",
        mend: "Start the path with `/`.",
        wrong: "[volume.data]\ntype = \"EmptyDirVolume\"\n\n[[container_group.web.containers]]\n\
                volume_mounts = [{ volume = \"data\", mount_path = \"data\" }]\n",
        right: "[volume.data]\ntype = \"EmptyDirVolume\"\n\n[[container_group.web.containers]]\n\
                volume_mounts = [{ volume = \"data\", mount_path = \"/data\" }]\n",
    }
    "E0702" EMPTY "empty" "a value must not be empty" {
        what: "A required string is empty.",
        why: "An empty string is a value, but not a valid one; an expression may have evaluated \
               to an empty string.",
        mend: "Set a value, or remove the key if it is optional.",
        wrong: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"\"\n",
        right: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n",
    }
    "E0703" TOO_FEW "too-few" "a list must not be empty" {
        what: "A list must have at least one element: a container group without containers, a \
               volume without files, or a probe with an empty command, for example.",
        why: "The cloud would refuse the call.",
        mend: "Add an element, or remove what contains the list.",
        wrong: "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = []\n",
        right: "[volume.conf]\ntype = \"ConfigFileVolume\"\n\
                files = [{ path = \"a.conf\", content = \"\" }]\n",
    }
    "E0704" TOO_MANY "too-many" "too many elements" {
        what: "A list or map has more elements than CTyun documents as the maximum. A container \
               group has at most 20 tags, one of which eci adds.",
        why: "The cloud would refuse the call.",
        mend: "Remove some of them. The tags of [provider] default_tags count as well.",
        wrong: "[container_group.web]\n\
                tags = '${{ for n in range(20) : \"k${n}\" => \"v\" }}'\n",
        right: "[container_group.web]\n\
                tags = '${{ for n in range(19) : \"k${n}\" => \"v\" }}'\n",
    }
    "E0705" SYSCTL "sysctl" "unsupported kernel parameter" {
        what: "`sysctl` sets a kernel parameter that would apply to the whole machine.",
        why: "Only kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.* and net.* except \
               net.core.rmem_max can be set for one container group.",
        mend: "Remove it, or use a setting of the program in the image instead.",
        wrong: "[container_group.web]\n\
                security_context = { sysctl = { \"vm.swappiness\" = \"10\" } }\n",
        right: "[container_group.web]\n\
                security_context = { sysctl = { \"net.core.somaxconn\" = \"1024\" } }\n",
    }
    "E0706" TAG "tag" "invalid tag" {
        what: "The key of a tag is empty or longer than 128 characters, its value is longer than \
               256 characters, or its key is the one that eci reserves.",
        why: "The cloud would refuse the tag. The reserved key is the operation tag, by which eci \
               finds a container group after an interrupted create.",
        mend: "Shorten the tag, or use another key.",
        wrong: "[container_group.web]\ntags = { \"\" = \"web\" }\n",
        right: "[container_group.web]\ntags = { app = \"web\" }\n",
    }
    "E0707" PROBE "probe" "invalid probe" {
        what: "A probe has no handler, more than one handler, or an invalid threshold.",
        why: "A probe has exactly one handler: exec, http_get or tcp_socket. The success \
               threshold of a liveness probe is 1.",
        mend: "Keep exactly one handler, and remove success_threshold from a liveness probe.",
        wrong: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                readiness_probe = { exec = [\"true\"], tcp_socket = { port = 80 } }\n",
        right: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                readiness_probe = { tcp_socket = { port = 80 } }\n",
    }
    "E0708" EIP_FORM "eip-form" "conflicting keys of an EIP" {
        what: "An [eip.NAME] table combines keys of an existing, an automatic and a managed EIP.",
        why: "The bandwidth and name of an existing EIP (`id`) are not managed here, and the \
               cloud names an automatic EIP (`auto = true`).",
        mend: "Keep the keys of one kind of EIP.",
        wrong: "[eip.front]\nid = \"eip-1\"\nauto = true\n",
        right: "[eip.front]\nauto = true\n",
    }
    "E0709" DISK_FORM "disk-form" "a DiskVolume requires exactly one disk" {
        what: "A DiskVolume has neither or both of `volume_handle` and `disk`.",
        why: "`volume_handle` refers to an existing disk, and `disk` declares a managed disk.",
        mend: "Set exactly one of them.",
        wrong: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n",
        right: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                volume_handle = \"disk-1\"\n",
    }
    "E0710" FILE_CONTENT "file-content" "a file requires exactly one content" {
        what: "A file of a ConfigFileVolume has none, or more than one, of `content`, \
               `content_base64` and `source`.",
        why: "It would not be clear which of them is meant.",
        mend: "Keep one of them; set content = \"\" for an empty file.",
        wrong: "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = [{ path = \"a.conf\" }]\n",
        right: "[volume.conf]\ntype = \"ConfigFileVolume\"\n\
                files = [{ path = \"a.conf\", content = \"\" }]\n",
    }
    "E0711" SERVICE_NAME "service-name" "invalid name of an EIP or a disk" {
        what: "The name of a managed EIP or disk is not allowed by its service.",
        why: "The name of an EIP has 2 to 32 letters, digits, `_`, `-` or Chinese characters, \
               that of a disk 2 to 63 letters, digits, `_` and `-`. Both start with a letter, \
               that of an EIP possibly with a Chinese character. The cloud would refuse other \
               names.",
        mend: "Set another `name`; without the key, the name is derived from the resource \
               address.",
        wrong: "[eip.e]\nbandwidth = 5\n",
        right: "[eip.e]\nname = \"front\"\nbandwidth = 5\n",
    }
    "E0712" PAYMENT "payment" "conflicting billing keys" {
        what: "A managed EIP or disk has keys of both billing modes, or a key of its billing mode \
               is missing.",
        why: "A subscription requires a term in months or years; pay-as-you-go has no term.",
        mend: "Keep the keys of one billing mode.",
        wrong: "[eip.front]\ncycle_type = \"month\"\n",
        right: "[eip.front]\ncycle_type = \"month\"\ncycle_count = 3\n",
    }
    "E0713" DISK "disk" "invalid combination of disk keys" {
        what: "The size, the mode or another key of a managed disk is not supported by its \
               `kind`.",
        why: "Each kind of disk has its own range of sizes, and some kinds cannot be shared, \
               encrypted, or have provisioned IOPS.",
        mend: "Change the key that the message names, or the kind.",
        wrong: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                disk = { size = 5, kind = \"SATA\" }\n",
        right: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                disk = { size = 10, kind = \"SATA\" }\n",
    }
    "E0714" AMOUNT "amount" "an amount must have two decimals" {
        what: "The amount of a voucher is not in yuan with two decimals.",
        why: "The cloud accepts no other format.",
        mend: "Write it as a string, for example \"12.50\".",
        wrong: "[eip.front]\ncycle_type = \"month\"\ncycle_count = 1\npay_voucher_price = \"12\"\n",
        right: "[eip.front]\ncycle_type = \"month\"\ncycle_count = 1\npay_voucher_price = \"12.00\"\n",
    }
    "E0715" HOST_PATH "host-path" "a file system requires a host and a path" {
        what: "`source_path` of a NasVolume is not a host, a colon and an absolute path.",
        why: "The cloud mounts a file system of a server in the same VPC, and requires the \
               address of that server.",
        mend: "Write HOST:/PATH, as shown in the console of the file service.",
        wrong: "[volume.data]\ntype = \"NasVolume\"\nsource_path = \"/share\"\n",
        right: "[volume.data]\ntype = \"NasVolume\"\nsource_path = \"10.0.0.2:/share\"\n",
    }
    "E0716" IP_ADDRESS "ip-address" "invalid IP address" {
        what: "A name server, or the `ip` of a host alias, is a host name or an invalid IP \
               address.",
        why: "Host names are resolved by name servers and host aliases, so these cannot be host \
               names themselves.",
        mend: "Write an IP address.",
        wrong: "[container_group.web]\ndns_config = { nameservers = [\"dns.example.com\"] }\n",
        right: "[container_group.web]\ndns_config = { nameservers = [\"223.5.5.5\"] }\n",
    }
    "W0701" CLOUD_NAME "cloud-name" "the cloud will probably refuse this name" {
        what: "The name of a container group, container or volume is not 1 to 63 characters a-z, \
               0-9 and `-` that start and end with a letter or digit.",
        why: "Such names become host names. The rule is assumed from a similar product of another \
               cloud; the call may succeed.",
        mend: "Rename it. If the name is derived from the resource address, set `name`.",
        wrong: "[volume.Conf]\ntype = \"EmptyDirVolume\"\n",
        right: "[volume.Conf]\ntype = \"EmptyDirVolume\"\nname = \"conf\"\n",
    }
    "W0702" MANY "many" "probably too many elements" {
        what: "A container group has more than 20 containers, init containers or volumes.",
        why: "The limit is assumed from a similar product of another cloud; the call may \
               succeed.",
        mend: "Split the container group, or combine the files of several volumes in one.",
        wrong: "[container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\n\
                containers = '${[for n in range(21) : { name = \"c${n}\", image = \"nginx\" }]}'\n",
        right: "[container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\n\
                containers = '${[for n in range(20) : { name = \"c${n}\", image = \"nginx\" }]}'\n",
    }
    "W0703" SIZE "size" "the containers require more than the container group has" {
        what: "The sum of `cpu`, `memory` or `gpu` of the containers, or the value of one init \
               container, exceeds the value of the container group.",
        why: "Containers run at the same time and share the resources of the container group, so \
               some of them could not be scheduled.",
        mend: "Increase the value of the container group, or remove it: the cloud then uses the \
               sum, rounded up to a size that it offers.",
        wrong: "[container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\ncpu = 1\n\n\
                [[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\ncpu = 2\n",
        right: "[container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\ncpu = 2\n\n\
                [[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\ncpu = 2\n",
    }
    "W0704" CLOSED_PORT "closed-port" "a port is blocked on EIPs" {
        what: "A container of a container group with an EIP listens on port 80, 443, 8080 or \
               8443.",
        why: "These ports are closed on EIPs until CTyun opens them on request, so the container \
               would not be reachable from the internet.",
        mend: "Listen on another port, or request that the port be opened and suppress the \
               warning: [provider] allow = [\"closed-port\"].",
        wrong: "[eip.front]\nauto = true\n\n[container_group.web]\nvpc_id = \"vpc-1\"\n\
                vswitch_id = \"subnet-1\"\nsecurity_group_id = \"sg-1\"\naz_name = \"az1\"\n\
                eip = \"front\"\n\n[[container_group.web.containers]]\nname = \"web\"\n\
                image = \"nginx\"\nports = [{ port = 80 }]\n",
        right: "[eip.front]\nauto = true\n\n[container_group.web]\nvpc_id = \"vpc-1\"\n\
                vswitch_id = \"subnet-1\"\nsecurity_group_id = \"sg-1\"\naz_name = \"az1\"\n\
                eip = \"front\"\n\n[[container_group.web.containers]]\nname = \"web\"\n\
                image = \"nginx\"\nports = [{ port = 8000 }]\n",
    }
    "W0705" MEMORY_MOUNT "memory-mount" "a memory volume is not mounted at /dev/shm" {
        what: "A volume with medium = \"Memory\" is mounted at a path other than /dev/shm.",
        why: "According to the API reference, memory volumes are mounted at /dev/shm.",
        mend: "Set mount_path = \"/dev/shm\", or remove `medium`.",
        wrong: "[volume.shm]\ntype = \"EmptyDirVolume\"\nmedium = \"Memory\"\n\n\
                [container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\n\n\
                [[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                volume_mounts = [{ volume = \"shm\", mount_path = \"/cache\" }]\n",
        right: "[volume.shm]\ntype = \"EmptyDirVolume\"\nmedium = \"Memory\"\n\n\
                [container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\n\n\
                [[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                volume_mounts = [{ volume = \"shm\", mount_path = \"/dev/shm\" }]\n",
    }
    "W0706" FILE_SIZE "file-size" "a file is probably too large for a ConfigFileVolume" {
        what: "A file of a ConfigFileVolume is larger than 60 KiB.",
        why: "The limit is assumed from a similar product of another cloud; the call may \
               succeed.",
        mend: "Split the file, or put it in the image, a NasVolume or a ZosVolume.",
        wrong: "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = [{ path = \"a\", \
                content = '${join(\";\", [for n in range(1000) : \
                \"server_name a-long-name-${n}.example.com another-name-${n}.example.com\"])}' }]\n",
        right: "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = [{ path = \"a\", \
                content = '${join(\";\", [for n in range(100) : \
                \"server_name a-long-name-${n}.example.com another-name-${n}.example.com\"])}' }]\n",
    }
    "W0707" BANDWIDTH "bandwidth" "a bandwidth is probably not offered" {
        what: "The bandwidth of an EIP is more than 300 Mbps.",
        why: "CTyun's price list ends at 300 Mbps, but some of its clients accept more.",
        mend: "Reduce the bandwidth, or try it: the call may succeed.",
        wrong: "[eip.front]\nbandwidth = 500\n",
        right: "[eip.front]\nbandwidth = 300\n",
    }
    "W0708" IMAGE_NAME "image-name" "invalid image name" {
        what: "The name of an image does not have the form [HOST[:PORT]/]PATH[:TAG][@DIGEST] with \
               a lower-case path.",
        why: "Registries accept no other names, so the image could not be pulled.",
        mend: "Write the name as in `docker pull`. If it is an expression, check its value.",
        wrong: "[[container_group.web.containers]]\nname = \"web\"\n\
                image = \"https://registry.example.com/web\"\n",
        right: "[[container_group.web.containers]]\nname = \"web\"\n\
                image = \"registry.example.com/web\"\n",
    }
    "W0709" ENV_NAME "env-name" "the cloud will probably refuse the name of an environment variable" {
        what: "The name of an environment variable is empty, starts with a digit, or contains \
               characters other than letters, digits, `_`, `-` and `.`.",
        why: "The rule is assumed from a similar product of another cloud; most shells are \
               stricter.",
        mend: "Rename the environment variable, also in the program that reads it.",
        wrong: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                env = { \"LOG LEVEL\" = \"info\" }\n",
        right: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                env = { LOG_LEVEL = \"info\" }\n",
    }
}
