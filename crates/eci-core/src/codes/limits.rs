//! 07xx: limits of the cloud that need no cloud to check.
//!
//! Errors are what the vendor's page states. What is known only from a cloud with the same
//! product is a warning, and its text says that it is assumed.

codes! {
    "E0701" ABSOLUTE_PATH "absolute-path" "a path must be absolute" {
        found: "A path in a container does not start with `/`.",
        reason: "A mount path cannot be relative.",
        fix: "Start the path with `/`.",
        bad_example: "[volume.data]\ntype = \"EmptyDirVolume\"\n\n[[container_group.web.containers]]\n\
                volume_mounts = [{ volume = \"data\", mount_path = \"data\" }]\n",
        good_example: "[volume.data]\ntype = \"EmptyDirVolume\"\n\n[[container_group.web.containers]]\n\
                volume_mounts = [{ volume = \"data\", mount_path = \"/data\" }]\n",
    }
    "E0702" EMPTY "empty" "a value must not be empty" {
        found: "A required string is empty.",
        reason: "An empty string is a value, but not a valid one; an expression may have evaluated \
               to an empty string.",
        fix: "Set a value, or remove the key if it is optional.",
        bad_example: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"\"\n",
        good_example: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n",
    }
    "E0703" TOO_FEW "too-few" "a list must not be empty" {
        found: "A list must have at least one element: a container group without containers, a \
               volume without files, or a probe with an empty command, for example.",
        reason: "The cloud would refuse the call.",
        fix: "Add an element, or remove what contains the list.",
        bad_example: "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = []\n",
        good_example: "[volume.conf]\ntype = \"ConfigFileVolume\"\n\
                files = [{ path = \"a.conf\", content = \"\" }]\n",
    }
    "E0704" TOO_MANY "too-many" "too many elements" {
        found: "A list or map has more elements than CTyun documents as the maximum. A container \
               group has at most 20 tags, one of which eci adds.",
        reason: "The cloud would refuse the call.",
        fix: "Remove some of them. The tags of [provider] default_tags count as well.",
        bad_example: "[container_group.web]\n\
                tags = '${{ for n in range(20) : \"k${n}\" => \"v\" }}'\n",
        good_example: "[container_group.web]\n\
                tags = '${{ for n in range(19) : \"k${n}\" => \"v\" }}'\n",
    }
    "E0705" SYSCTL "sysctl" "unsupported kernel parameter" {
        found: "`sysctl` sets a kernel parameter that would apply to the whole machine.",
        reason: "Only kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.* and net.* except \
               net.core.rmem_max can be set for one container group.",
        fix: "Remove it, or use a setting of the program in the image instead.",
        bad_example: "[container_group.web]\n\
                security_context = { sysctl = { \"vm.swappiness\" = \"10\" } }\n",
        good_example: "[container_group.web]\n\
                security_context = { sysctl = { \"net.core.somaxconn\" = \"1024\" } }\n",
    }
    "E0706" TAG "tag" "invalid tag" {
        found: "The key of a tag is empty or longer than 128 characters, its value is longer than \
               256 characters, or its key is the one that eci reserves.",
        reason: "The cloud would refuse the tag. The reserved key is the operation tag, by which eci \
               finds a container group after an interrupted create.",
        fix: "Shorten the tag, or use another key.",
        bad_example: "[container_group.web]\ntags = { \"\" = \"web\" }\n",
        good_example: "[container_group.web]\ntags = { app = \"web\" }\n",
    }
    "E0707" PROBE "probe" "invalid probe" {
        found: "A probe has no handler, more than one handler, or an invalid threshold.",
        reason: "A probe has exactly one handler: exec, http_get or tcp_socket. The success \
               threshold of a liveness probe is 1.",
        fix: "Keep exactly one handler, and remove success_threshold from a liveness probe.",
        bad_example: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                readiness_probe = { exec = [\"true\"], tcp_socket = { port = 80 } }\n",
        good_example: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                readiness_probe = { tcp_socket = { port = 80 } }\n",
    }
    "E0708" EIP_FORM "eip-form" "conflicting keys of an EIP" {
        found: "An [eip.NAME] table combines keys of an existing, an automatic and a managed EIP.",
        reason: "The bandwidth and name of an existing EIP (`id`) are not managed here, and the \
               cloud names an automatic EIP (`auto = true`).",
        fix: "Keep the keys of one kind of EIP.",
        bad_example: "[eip.front]\nid = \"eip-1\"\nauto = true\n",
        good_example: "[eip.front]\nauto = true\n",
    }
    "E0709" DISK_FORM "disk-form" "a DiskVolume requires exactly one disk" {
        found: "A DiskVolume has neither or both of `volume_handle` and `disk`.",
        reason: "`volume_handle` refers to an existing disk, and `disk` declares a managed disk.",
        fix: "Set exactly one of them.",
        bad_example: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n",
        good_example: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                volume_handle = \"disk-1\"\n",
    }
    "E0710" FILE_CONTENT "file-content" "a file requires exactly one content" {
        found: "A file of a ConfigFileVolume has none, or more than one, of `content`, \
               `content_base64` and `source`.",
        reason: "It would not be clear which of them is meant.",
        fix: "Keep one of them; set content = \"\" for an empty file.",
        bad_example: "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = [{ path = \"a.conf\" }]\n",
        good_example: "[volume.conf]\ntype = \"ConfigFileVolume\"\n\
                files = [{ path = \"a.conf\", content = \"\" }]\n",
    }
    "E0711" SERVICE_NAME "service-name" "invalid name of an EIP or a disk" {
        found: "The name of a managed EIP or disk is not allowed by its service.",
        reason: "The name of an EIP has 2 to 32 letters, digits, `_`, `-` or Chinese characters, \
               that of a disk 2 to 63 letters, digits, `_` and `-`. Both start with a letter, \
               that of an EIP possibly with a Chinese character. The cloud would refuse other \
               names.",
        fix: "Set another `name`; without the key, the name is derived from the resource \
               address.",
        bad_example: "[eip.e]\nbandwidth = 5\n",
        good_example: "[eip.e]\nname = \"front\"\nbandwidth = 5\n",
    }
    "E0712" PAYMENT "payment" "conflicting billing keys" {
        found: "A managed EIP or disk has keys of both billing modes, or a key of its billing mode \
               is missing.",
        reason: "A subscription requires a term in months or years; pay-as-you-go has no term.",
        fix: "Keep the keys of one billing mode.",
        bad_example: "[eip.front]\ncycle_type = \"month\"\n",
        good_example: "[eip.front]\ncycle_type = \"month\"\ncycle_count = 3\n",
    }
    "E0713" DISK "disk" "invalid combination of disk keys" {
        found: "The size, the mode or another key of a managed disk is not supported by its \
               `kind`.",
        reason: "Each kind of disk has its own range of sizes, and some kinds cannot be shared, \
               encrypted, or have provisioned IOPS.",
        fix: "Change the key that the message names, or the kind.",
        bad_example: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                disk = { size = 5, kind = \"SATA\" }\n",
        good_example: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                disk = { size = 10, kind = \"SATA\" }\n",
    }
    "E0714" AMOUNT "amount" "an amount must have two decimals" {
        found: "The amount of a voucher is not in yuan with two decimals.",
        reason: "The cloud accepts no other format.",
        fix: "Write it as a string, for example \"12.50\".",
        bad_example: "[eip.front]\ncycle_type = \"month\"\ncycle_count = 1\npay_voucher_price = \"12\"\n",
        good_example: "[eip.front]\ncycle_type = \"month\"\ncycle_count = 1\npay_voucher_price = \"12.00\"\n",
    }
    "E0715" HOST_PATH "host-path" "a file system requires a host and a path" {
        found: "`source_path` of a NasVolume is not a host, a colon and an absolute path.",
        reason: "The cloud mounts a file system of a server in the same VPC, and requires the \
               address of that server.",
        fix: "Write HOST:/PATH, as shown in the console of the file service.",
        bad_example: "[volume.data]\ntype = \"NasVolume\"\nsource_path = \"/share\"\n",
        good_example: "[volume.data]\ntype = \"NasVolume\"\nsource_path = \"10.0.0.2:/share\"\n",
    }
    "E0716" IP_ADDRESS "ip-address" "invalid IP address" {
        found: "A name server, or the `ip` of a host alias, is a host name or an invalid IP \
               address.",
        reason: "Host names are resolved by name servers and host aliases, so these cannot be host \
               names themselves.",
        fix: "Write an IP address.",
        bad_example: "[container_group.web]\ndns_config = { nameservers = [\"dns.example.com\"] }\n",
        good_example: "[container_group.web]\ndns_config = { nameservers = [\"223.5.5.5\"] }\n",
    }
    "W0701" CLOUD_NAME "cloud-name" "the cloud will probably refuse this name" {
        found: "The name of a container group, container or volume is not 1 to 63 characters a-z, \
               0-9 and `-` that start and end with a letter or digit.",
        reason: "Such names become host names. The rule is assumed from a similar product of another \
               cloud; the call may succeed.",
        fix: "Rename it. If the name is derived from the resource address, set `name`.",
        bad_example: "[volume.Conf]\ntype = \"EmptyDirVolume\"\n",
        good_example: "[volume.Conf]\ntype = \"EmptyDirVolume\"\nname = \"conf\"\n",
    }
    "W0702" MANY "many" "probably too many elements" {
        found: "A container group has more than 20 containers, init containers or volumes.",
        reason: "The limit is assumed from a similar product of another cloud; the call may \
               succeed.",
        fix: "Split the container group, or combine the files of several volumes in one.",
        bad_example: "[container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\n\
                containers = '${[for n in range(21) : { name = \"c${n}\", image = \"nginx\" }]}'\n",
        good_example: "[container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\n\
                containers = '${[for n in range(20) : { name = \"c${n}\", image = \"nginx\" }]}'\n",
    }
    "W0703" SIZE "size" "the containers require more than the container group has" {
        found: "The sum of `cpu`, `memory` or `gpu` of the containers, or the value of one init \
               container, exceeds the value of the container group.",
        reason: "Containers run at the same time and share the resources of the container group, so \
               some of them could not be scheduled.",
        fix: "Increase the value of the container group, or remove it: the cloud then uses the \
               sum, rounded up to a size that it offers.",
        bad_example: "[container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\ncpu = 1\n\n\
                [[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\ncpu = 2\n",
        good_example: "[container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\ncpu = 2\n\n\
                [[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\ncpu = 2\n",
    }
    "W0704" CLOSED_PORT "closed-port" "a port is blocked on EIPs" {
        found: "A container of a container group with an EIP listens on port 80, 443, 8080 or \
               8443.",
        reason: "These ports are closed on EIPs until CTyun opens them on request, so the container \
               would not be reachable from the internet.",
        fix: "Listen on another port, or request that the port be opened and suppress the \
               warning: [provider] allow = [\"closed-port\"].",
        bad_example: "[eip.front]\nauto = true\n\n[container_group.web]\nvpc_id = \"vpc-1\"\n\
                vswitch_id = \"subnet-1\"\nsecurity_group_id = \"sg-1\"\naz_name = \"az1\"\n\
                eip = \"front\"\n\n[[container_group.web.containers]]\nname = \"web\"\n\
                image = \"nginx\"\nports = [{ port = 80 }]\n",
        good_example: "[eip.front]\nauto = true\n\n[container_group.web]\nvpc_id = \"vpc-1\"\n\
                vswitch_id = \"subnet-1\"\nsecurity_group_id = \"sg-1\"\naz_name = \"az1\"\n\
                eip = \"front\"\n\n[[container_group.web.containers]]\nname = \"web\"\n\
                image = \"nginx\"\nports = [{ port = 8000 }]\n",
    }
    "W0705" MEMORY_MOUNT "memory-mount" "a memory volume is not mounted at /dev/shm" {
        found: "A volume with medium = \"Memory\" is mounted at a path other than /dev/shm.",
        reason: "According to the API reference, memory volumes are mounted at /dev/shm.",
        fix: "Set mount_path = \"/dev/shm\", or remove `medium`.",
        bad_example: "[volume.shm]\ntype = \"EmptyDirVolume\"\nmedium = \"Memory\"\n\n\
                [container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\n\n\
                [[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                volume_mounts = [{ volume = \"shm\", mount_path = \"/cache\" }]\n",
        good_example: "[volume.shm]\ntype = \"EmptyDirVolume\"\nmedium = \"Memory\"\n\n\
                [container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\n\n\
                [[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                volume_mounts = [{ volume = \"shm\", mount_path = \"/dev/shm\" }]\n",
    }
    "W0706" FILE_SIZE "file-size" "a file is probably too large for a ConfigFileVolume" {
        found: "A file of a ConfigFileVolume is larger than 60 KiB.",
        reason: "The limit is assumed from a similar product of another cloud; the call may \
               succeed.",
        fix: "Split the file, or put it in the image, a NasVolume or a ZosVolume.",
        bad_example: "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = [{ path = \"a\", \
                content = '${join(\";\", [for n in range(1000) : \
                \"server_name a-long-name-${n}.example.com another-name-${n}.example.com\"])}' }]\n",
        good_example: "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = [{ path = \"a\", \
                content = '${join(\";\", [for n in range(100) : \
                \"server_name a-long-name-${n}.example.com another-name-${n}.example.com\"])}' }]\n",
    }
    "W0707" BANDWIDTH "bandwidth" "a bandwidth is probably not offered" {
        found: "The bandwidth of an EIP is more than 300 Mbps.",
        reason: "CTyun's price list ends at 300 Mbps, but some of its clients accept more.",
        fix: "Reduce the bandwidth, or try it: the call may succeed.",
        bad_example: "[eip.front]\nbandwidth = 500\n",
        good_example: "[eip.front]\nbandwidth = 300\n",
    }
    "W0708" IMAGE_NAME "image-name" "invalid image name" {
        found: "The name of an image does not have the form [HOST[:PORT]/]PATH[:TAG][@DIGEST] with \
               a lower-case path.",
        reason: "Registries accept no other names, so the image could not be pulled.",
        fix: "Write the name as in `docker pull`. If it is an expression, check its value.",
        bad_example: "[[container_group.web.containers]]\nname = \"web\"\n\
                image = \"https://registry.example.com/web\"\n",
        good_example: "[[container_group.web.containers]]\nname = \"web\"\n\
                image = \"registry.example.com/web\"\n",
    }
    "W0709" ENV_NAME "env-name" "the cloud will probably refuse the name of an environment variable" {
        found: "The name of an environment variable is empty, starts with a digit, or contains \
               characters other than letters, digits, `_`, `-` and `.`.",
        reason: "The rule is assumed from a similar product of another cloud; most shells are \
               stricter.",
        fix: "Rename the environment variable, also in the program that reads it.",
        bad_example: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                env = { \"LOG LEVEL\" = \"info\" }\n",
        good_example: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                env = { LOG_LEVEL = \"info\" }\n",
    }
}
