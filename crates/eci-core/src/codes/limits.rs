//! 07xx: limits of the cloud that need no cloud to check.
//!
//! Errors are what the vendor's page states. What is known only from a cloud with the same
//! product is a warning, and its text says that it is assumed.

codes! {
    "E0701" ABSOLUTE_PATH "absolute-path" "a path must be absolute" {
        what: "A path in a container does not begin with `/`.",
        why: "A mount has no directory that it could be relative to.",
        mend: "Begin it with `/`.",
        wrong: "[volume.data]\ntype = \"EmptyDirVolume\"\n\n[[container_group.web.containers]]\n\
                volume_mounts = [{ volume = \"data\", mount_path = \"data\" }]\n",
        right: "[volume.data]\ntype = \"EmptyDirVolume\"\n\n[[container_group.web.containers]]\n\
                volume_mounts = [{ volume = \"data\", mount_path = \"/data\" }]\n",
    }
    "E0702" EMPTY "empty" "a value must not be empty" {
        what: "A text that the cloud needs is the empty string.",
        why: "It counts as given and says nothing; an expression may have come out empty.",
        mend: "Give it a value, or leave the key out where it is optional.",
        wrong: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"\"\n",
        right: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n",
    }
    "E0703" TOO_FEW "too-few" "a list needs at least one item" {
        what: "A list is empty and must not be: a group without containers, a volume without \
               files, a probe with an empty command.",
        why: "The cloud refuses it.",
        mend: "Add an item, or remove what holds the list.",
        wrong: "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = []\n",
        right: "[volume.conf]\ntype = \"ConfigFileVolume\"\n\
                files = [{ path = \"a.conf\", content = \"\" }]\n",
    }
    "E0704" TOO_MANY "too-many" "there is more than the cloud takes" {
        what: "A list or table has more entries than the vendor documents. A group has at most 20 \
               tags, and one of them is the one that eci writes.",
        why: "The cloud refuses the call.",
        mend: "Remove some. Tags of [provider] default_tags count too.",
        wrong: "[container_group.web]\n\
                tags = '${{ for n in range(20) : \"k${n}\" => \"v\" }}'\n",
        right: "[container_group.web]\n\
                tags = '${{ for n in range(19) : \"k${n}\" => \"v\" }}'\n",
    }
    "E0705" SYSCTL "sysctl" "a kernel parameter has no namespace of its own" {
        what: "`sysctl` sets a parameter that would hold for the whole machine.",
        why: "Only kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.* and net.* but \
              net.core.rmem_max can be set for one group.",
        mend: "Remove it, or set it in the image where the program has a setting of its own.",
        wrong: "[container_group.web]\n\
                security_context = { sysctl = { \"vm.swappiness\" = \"10\" } }\n",
        right: "[container_group.web]\n\
                security_context = { sysctl = { \"net.core.somaxconn\" = \"1024\" } }\n",
    }
    "E0706" TAG "tag" "a tag cannot be written" {
        what: "A tag's key is empty or longer than 128 characters, its value is longer than 256, or \
               the key is the one that eci writes itself.",
        why: "Tags identify what was made: with the tag of eci a group is found again after a crash.",
        mend: "Shorten it, or choose another key.",
        wrong: "[container_group.web]\ntags = { \"\" = \"web\" }\n",
        right: "[container_group.web]\ntags = { app = \"web\" }\n",
    }
    "E0707" PROBE "probe" "a probe cannot work" {
        what: "A probe has no handler, several of them, or a threshold that makes no sense.",
        why: "Each probe looks in exactly one way: exec, http_get or tcp_socket. A liveness probe \
              counts one success.",
        mend: "Keep exactly one handler; leave success_threshold out of a liveness probe.",
        wrong: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                readiness_probe = { exec = [\"true\"], tcp_socket = { port = 80 } }\n",
        right: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                readiness_probe = { tcp_socket = { port = 80 } }\n",
    }
    "E0708" EIP_FORM "eip-form" "an EIP is of two kinds at once" {
        what: "A table [eip.L] mixes keys of an existing, an automatic and a managed EIP.",
        why: "An existing EIP (`id`) has its own bandwidth and name; an automatic one \
              (`auto = true`) is named by the cloud.",
        mend: "Keep the keys of one form.",
        wrong: "[eip.front]\nid = \"eip-1\"\nauto = true\n",
        right: "[eip.front]\nauto = true\n",
    }
    "E0709" DISK_FORM "disk-form" "a DiskVolume names no disk, or two" {
        what: "A DiskVolume needs exactly one of `volume_handle` and `disk`.",
        why: "The first names a disk that exists, the second has one made.",
        mend: "Give one of the two.",
        wrong: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n",
        right: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                volume_handle = \"disk-1\"\n",
    }
    "E0710" FILE_CONTENT "file-content" "a file has no content, or two" {
        what: "A file of a ConfigFileVolume needs exactly one of `content`, `content_base64` and \
               `source`.",
        why: "Which of two would be meant can only be guessed.",
        mend: "Keep one; write content = \"\" for an empty file.",
        wrong: "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = [{ path = \"a.conf\" }]\n",
        right: "[volume.conf]\ntype = \"ConfigFileVolume\"\n\
                files = [{ path = \"a.conf\", content = \"\" }]\n",
    }
    "E0711" SERVICE_NAME "service-name" "the cloud does not take a name" {
        what: "The name of a managed EIP or disk is not one that their services take.",
        why: "An EIP has 2 to 32 letters, digits, `_`, `-` or Chinese characters, a disk 2 to 63 \
              letters, digits, `_` and `-`; both begin with a letter, an EIP perhaps with a Chinese \
              character. The call would be refused.",
        mend: "Give another `name`; where there is none, it comes from the label.",
        wrong: "[eip.e]\nbandwidth = 5\n",
        right: "[eip.e]\nname = \"front\"\nbandwidth = 5\n",
    }
    "E0712" PAYMENT "payment" "ways to pay are mixed" {
        what: "A managed EIP or disk has keys of two ways to pay, or lacks one of its way.",
        why: "What is paid ahead needs a number of months or years; what is paid on demand has none.",
        mend: "Keep the keys of one way.",
        wrong: "[eip.front]\ncycle_type = \"month\"\n",
        right: "[eip.front]\ncycle_type = \"month\"\ncycle_count = 3\n",
    }
    "E0713" DISK "disk" "there is no such disk" {
        what: "The size, the mode or another key of a managed disk does not go with its `kind`.",
        why: "Each kind of disk has its own sizes, and not all of them can be shared, encrypted or \
              given operations.",
        mend: "Change the key that the message names, or the kind.",
        wrong: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                disk = { size = 5, kind = \"SATA\" }\n",
        right: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                disk = { size = 10, kind = \"SATA\" }\n",
    }
    "E0714" AMOUNT "amount" "an amount of money has not two decimals" {
        what: "A voucher is not written as yuan with two decimals.",
        why: "The cloud reads no other form.",
        mend: "Write it in quotes, such as \"12.50\".",
        wrong: "[eip.front]\ncycle_type = \"month\"\ncycle_count = 1\npay_voucher_price = \"12\"\n",
        right: "[eip.front]\ncycle_type = \"month\"\ncycle_count = 1\npay_voucher_price = \"12.00\"\n",
    }
    "E0715" HOST_PATH "host-path" "a share is named without its host" {
        what: "`source_path` of a NasVolume is not a host, a colon and an absolute path.",
        why: "The cloud mounts a share of a server in the same VPC, and needs to know which.",
        mend: "Write HOST:/PATH, as the console of the file service shows it.",
        wrong: "[volume.data]\ntype = \"NasVolume\"\nsource_path = \"/share\"\n",
        right: "[volume.data]\ntype = \"NasVolume\"\nsource_path = \"10.0.0.2:/share\"\n",
    }
    "E0716" IP_ADDRESS "ip-address" "this is no IP address" {
        what: "A name server, or the `ip` of a host alias, is a name or a misspelt address.",
        why: "Names are resolved by means of these: they cannot be names themselves.",
        mend: "Write the address.",
        wrong: "[container_group.web]\ndns_config = { nameservers = [\"dns.example.com\"] }\n",
        right: "[container_group.web]\ndns_config = { nameservers = [\"223.5.5.5\"] }\n",
    }
    "W0701" CLOUD_NAME "cloud-name" "the cloud will probably refuse a name" {
        what: "A name of a group, container or volume is not 1 to 63 of a-z, 0-9 and `-` with a \
               letter or digit at both ends.",
        why: "Such names become host names. The rule is assumed, from a cloud with the same \
              product; the call may succeed.",
        mend: "Rename it. Where the name comes from the label, give `name`.",
        wrong: "[volume.Conf]\ntype = \"EmptyDirVolume\"\n",
        right: "[volume.Conf]\ntype = \"EmptyDirVolume\"\nname = \"conf\"\n",
    }
    "W0702" MANY "many" "there is probably more than the cloud takes" {
        what: "A group has more than 20 containers, init containers or volumes.",
        why: "The limit is assumed, from a cloud with the same product; the call may succeed.",
        mend: "Split the group; put the files of several volumes into one.",
        wrong: "[container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\n\
                containers = '${[for n in range(21) : { name = \"c${n}\", image = \"nginx\" }]}'\n",
        right: "[container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\n\
                containers = '${[for n in range(20) : { name = \"c${n}\", image = \"nginx\" }]}'\n",
    }
    "W0703" SIZE "size" "the containers ask for more than the group has" {
        what: "The `cpu`, `memory` or `gpu` of the containers together, or of one init container, is \
               more than the group's own.",
        why: "Containers run side by side and share the group's size: some would not be scheduled.",
        mend: "Raise the group's value, or leave it out: the cloud then takes the sum, rounded up to \
               a size on sale.",
        wrong: "[container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\ncpu = 1\n\n\
                [[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\ncpu = 2\n",
        right: "[container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\ncpu = 2\n\n\
                [[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\ncpu = 2\n",
    }
    "W0704" CLOSED_PORT "closed-port" "a port is blocked on EIPs" {
        what: "A container of a group with an EIP listens on 80, 443, 8080 or 8443.",
        why: "These ports are closed on EIPs until the cloud opens them on request: nobody would \
              reach the container from outside.",
        mend: "Listen on another port, or have the port opened and allow the warning: \
               [provider] allow = [\"closed-port\"].",
        wrong: "[eip.front]\nauto = true\n\n[container_group.web]\nvpc_id = \"vpc-1\"\n\
                vswitch_id = \"subnet-1\"\nsecurity_group_id = \"sg-1\"\naz_name = \"az1\"\n\
                eip = \"front\"\n\n[[container_group.web.containers]]\nname = \"web\"\n\
                image = \"nginx\"\nports = [{ port = 80 }]\n",
        right: "[eip.front]\nauto = true\n\n[container_group.web]\nvpc_id = \"vpc-1\"\n\
                vswitch_id = \"subnet-1\"\nsecurity_group_id = \"sg-1\"\naz_name = \"az1\"\n\
                eip = \"front\"\n\n[[container_group.web.containers]]\nname = \"web\"\n\
                image = \"nginx\"\nports = [{ port = 8000 }]\n",
    }
    "W0705" MEMORY_MOUNT "memory-mount" "a volume in memory is mounted in the wrong place" {
        what: "A volume with medium = \"Memory\" is mounted somewhere else than at /dev/shm.",
        why: "The vendor's page has volumes in memory mounted there.",
        mend: "Write mount_path = \"/dev/shm\", or leave out `medium`.",
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
        what: "A file of a ConfigFileVolume has more than 60 KiB.",
        why: "The limit is assumed, from a cloud with the same product; the call may succeed.",
        mend: "Split it, or put it into the image, a NasVolume or a ZosVolume.",
        wrong: "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = [{ path = \"a\", \
                content = '${join(\";\", [for n in range(1000) : \
                \"server_name a-long-name-${n}.example.com another-name-${n}.example.com\"])}' }]\n",
        right: "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = [{ path = \"a\", \
                content = '${join(\";\", [for n in range(100) : \
                \"server_name a-long-name-${n}.example.com another-name-${n}.example.com\"])}' }]\n",
    }
    "W0707" BANDWIDTH "bandwidth" "a bandwidth is probably not on sale" {
        what: "An EIP is to have more than 300 Mbps.",
        why: "The vendor's price list ends there; some of its clients let more through.",
        mend: "Give less, or try: the call may succeed.",
        wrong: "[eip.front]\nbandwidth = 500\n",
        right: "[eip.front]\nbandwidth = 300\n",
    }
    "W0708" IMAGE_NAME "image-name" "no registry will have an image of this name" {
        what: "An image is not [HOST[:PORT]/]PATH[:TAG][@DIGEST], with a path in lower case.",
        why: "The rule is that of registries: the image would never be pulled.",
        mend: "Write the name as `docker pull` takes it. Often an expression came out wrong.",
        wrong: "[[container_group.web.containers]]\nname = \"web\"\n\
                image = \"https://registry.example.com/web\"\n",
        right: "[[container_group.web.containers]]\nname = \"web\"\n\
                image = \"registry.example.com/web\"\n",
    }
    "W0709" ENV_NAME "env-name" "the cloud will probably refuse the name of a variable" {
        what: "The name of an environment variable has other characters than letters, digits, `_`, \
               `-` and `.`, begins with a digit, or is empty.",
        why: "The rule is assumed, from a cloud with the same product; most shells take even less.",
        mend: "Rename it, and what reads it in the program.",
        wrong: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                env = { \"LOG LEVEL\" = \"info\" }\n",
        right: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                env = { LOG_LEVEL = \"info\" }\n",
    }
}
