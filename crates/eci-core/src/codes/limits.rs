//! 07xx: limits of the cloud that need no cloud to check.
//!
//! Errors are documented limits. What is known only from a cloud with the same
//! product is a warning, and its text says that it is assumed.

codes! {
    "E0701" ABSOLUTE_PATH "absolute-path" "a path must be absolute" zh "路径必须是绝对路径" {
        found: "A path in a container does not start with `/`."
            zh "容器内的路径未以 `/` 开头。",
        reason: "A mount path cannot be relative."
            zh "挂载路径不能是相对路径。",
        fix: "Start the path with `/`."
            zh "使路径以 `/` 开头。",
        bad_example: "[volume.data]\ntype = \"EmptyDirVolume\"\n\n[[container_group.web.containers]]\n\
                volume_mounts = [{ volume = \"data\", mount_path = \"data\" }]\n",
        good_example: "[volume.data]\ntype = \"EmptyDirVolume\"\n\n[[container_group.web.containers]]\n\
                volume_mounts = [{ volume = \"data\", mount_path = \"/data\" }]\n",
    }
    "E0702" EMPTY "empty" "a value must not be empty" zh "值不能为空" {
        found: "A required string is empty."
            zh "必填字符串为空。",
        reason: "An empty string is a value, but not a valid one; an expression may have evaluated \
               to an empty string."
            zh "空字符串也是值，但在此处无效；可能是表达式的结果为空字符串。",
        fix: "Set a value, or remove the key if it is optional."
            zh "设置值；如果键是可选的，也可以删除该键。",
        bad_example: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"\"\n",
        good_example: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n",
    }
    "E0703" TOO_FEW "too-few" "a list must not be empty" zh "列表不能为空" {
        found: "A list must have at least one element: a container group without containers, a \
               volume without files, or a probe with an empty command, for example."
            zh "列表至少需要 1 个元素，例如容器组的容器、存储卷的文件或探针的命令不能为空。",
        reason: "The cloud would refuse the call."
            zh "云端会拒绝该调用。",
        fix: "Add an element, or remove what contains the list."
            zh "添加元素，或删除包含该列表的部分。",
        bad_example: "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = []\n",
        good_example: "[volume.conf]\ntype = \"ConfigFileVolume\"\n\
                files = [{ path = \"a.conf\", content = \"\" }]\n",
    }
    "E0704" TOO_MANY "too-many" "too many elements" zh "元素过多" {
        found: "A list or map has more elements than CTyun documents as the maximum. A container \
               group has at most 20 tags, one of which eci adds."
            zh "列表或映射的元素数超过天翼云文档规定的上限。容器组最多有 20 个标签，其中 1 个由 eci 添加。",
        reason: "The cloud would refuse the call."
            zh "云端会拒绝该调用。",
        fix: "Remove some of them. The tags of `[provider] default_tags` count as well."
            zh "删除一部分元素。`[provider]` 中 `default_tags` 的标签也计算在内。",
        bad_example: "[container_group.web]\n\
                tags = '${{ for n in range(20) : \"k${n}\" => \"v\" }}'\n",
        good_example: "[container_group.web]\n\
                tags = '${{ for n in range(19) : \"k${n}\" => \"v\" }}'\n",
    }
    "E0705" SYSCTL "sysctl" "unsupported kernel parameter" zh "不支持的内核参数" {
        found: "`sysctl` sets a kernel parameter that would apply to the whole machine."
            zh "`sysctl` 设置了对整台机器生效的内核参数。",
        reason: "Only kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.* and net.* except \
               net.core.rmem_max can be set for one container group."
            zh "只有 `kernel.shm*`、`kernel.msg*`、`kernel.sem`、`fs.mqueue.*` 以及 `net.core.rmem_max` 之外的 `net.*` 可以为单个容器组设置。",
        fix: "Remove it, or use a setting of the program in the image instead."
            zh "删除该参数，或改用镜像中程序的设置。",
        bad_example: "[container_group.web]\n\
                security_context = { sysctl = { \"vm.swappiness\" = \"10\" } }\n",
        good_example: "[container_group.web]\n\
                security_context = { sysctl = { \"net.core.somaxconn\" = \"1024\" } }\n",
    }
    "E0706" TAG "tag" "invalid tag" zh "标签无效" {
        found: "The key of a tag is empty or longer than 128 characters, its value is longer than \
               256 characters, or its key is the one that eci reserves."
            zh "标签的键为空或超过 128 个字符，值超过 256 个字符，或键为 eci 保留的键。",
        reason: "The cloud would refuse the tag. The reserved key is the operation tag, by which eci \
               finds a container group after an interrupted create."
            zh "云端会拒绝该标签。保留的键是操作标签，eci 在创建中断后据此找到容器组。",
        fix: "Shorten the tag, or use another key."
            zh "缩短标签，或使用其他键。",
        bad_example: "[container_group.web]\ntags = { \"\" = \"web\" }\n",
        good_example: "[container_group.web]\ntags = { app = \"web\" }\n",
    }
    "E0707" PROBE "probe" "invalid probe" zh "探针无效" {
        found: "A probe has no handler, more than one handler, or an invalid threshold."
            zh "探针没有检查方式，有多种检查方式，或阈值无效。",
        reason: "A probe has exactly one handler: exec, http_get or tcp_socket. The success \
               threshold of a liveness probe is 1."
            zh "探针只能有一种检查方式：`exec`、`http_get` 或 `tcp_socket`。存活探针的成功阈值为 1。",
        fix: "Keep exactly one handler, and remove success_threshold from a liveness probe."
            zh "只保留一种检查方式，并从存活探针中删除 `success_threshold`。",
        bad_example: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                readiness_probe = { exec = [\"true\"], tcp_socket = { port = 80 } }\n",
        good_example: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                readiness_probe = { tcp_socket = { port = 80 } }\n",
    }
    "E0708" CONFLICTING_EIP_KEYS "conflicting-eip-keys" "conflicting keys of an EIP" zh "弹性 IP 的键冲突" {
        found: "An `[eip.NAME]` table combines keys of an existing, an automatic and a managed EIP."
            zh "`[eip.NAME]` 表混用了已有的、自动创建的和托管的弹性 IP 的键。",
        reason: "The bandwidth and name of an existing EIP (`id`) are not managed here, and the \
               cloud names an automatic EIP (`auto = true`)."
            zh "已有弹性 IP（`id`）的带宽和名称不由 eci 管理，自动创建的弹性 IP（`auto = true`）由云端命名。",
        fix: "Keep the keys of one kind of EIP."
            zh "只保留一种弹性 IP 的键。",
        bad_example: "[eip.front]\nid = \"eip-1\"\nauto = true\n",
        good_example: "[eip.front]\nauto = true\n",
    }
    "E0709" CONFLICTING_DISK_KEYS "conflicting-disk-keys" "a DiskVolume requires exactly one disk"
        zh "`DiskVolume` 需要一块云硬盘" {
        found: "A DiskVolume has neither or both of `volume_handle` and `disk`."
            zh "`DiskVolume` 既没有 `volume_handle` 也没有 `disk`，或同时设置了两者。",
        reason: "`volume_handle` refers to an existing disk, and `disk` declares a managed disk."
            zh "`volume_handle` 引用已有的云硬盘，`disk` 声明托管的云硬盘。",
        fix: "Set exactly one of them."
            zh "只设置其中一个。",
        bad_example: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n",
        good_example: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                volume_handle = \"disk-1\"\n",
    }
    "E0710" FILE_CONTENT "file-content" "a file requires exactly one content"
        zh "文件需要一项内容" {
        found: "A file of a ConfigFileVolume has none, or more than one, of `content`, \
               `content_base64` and `source`."
            zh "`ConfigFileVolume` 的文件没有设置 `content`、`content_base64` 或 `source`，或设置了其中多项。",
        reason: "It would not be clear which of them is meant."
            zh "否则无法确定使用哪一项。",
        fix: "Keep one of them; set `content = \"\"` for an empty file."
            zh "只保留其中一项；如需空文件，设置 `content = \"\"`。",
        bad_example: "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = [{ path = \"a.conf\" }]\n",
        good_example: "[volume.conf]\ntype = \"ConfigFileVolume\"\n\
                files = [{ path = \"a.conf\", content = \"\" }]\n",
    }
    "E0711" SERVICE_NAME "service-name" "invalid name of an EIP or a disk"
        zh "弹性 IP 或云硬盘的名称无效" {
        found: "The name of a managed EIP or disk is not allowed by its service."
            zh "托管的弹性 IP 或云硬盘的名称不符合相应服务的规则。",
        reason: "The name of an EIP has 2 to 32 letters, digits, `_`, `-` or Chinese characters, \
               that of a disk 2 to 63 letters, digits, `_` and `-`. Both start with a letter, \
               that of an EIP possibly with a Chinese character. The cloud would refuse other \
               names."
            zh "弹性 IP 的名称为 2 到 32 个字母、数字、`_`、`-` 或汉字，云硬盘的名称为 2 到 63 个字母、数字、`_` 或 `-`。两者都以字母开头，弹性 IP 的名称也可以汉字开头。云端会拒绝其他名称。",
        fix: "Set another `name`; without the key, the name is derived from the resource \
               address."
            zh "设置其他 `name`；未设置该键时，名称由资源地址生成。",
        bad_example: "[eip.e]\nbandwidth = 5\n",
        good_example: "[eip.e]\nname = \"front\"\nbandwidth = 5\n",
    }
    "E0712" PAYMENT "payment" "conflicting billing keys" zh "计费键冲突" {
        found: "A managed EIP or disk has keys of both billing modes, or a key of its billing mode \
               is missing."
            zh "托管的弹性 IP 或云硬盘混用了两种计费方式的键，或缺少所选计费方式的键。",
        reason: "A subscription requires a term in months or years; pay-as-you-go has no term."
            zh "包年包月需要以月或年为单位的订购时长，按需计费没有订购时长。",
        fix: "Keep the keys of one billing mode."
            zh "只保留一种计费方式的键。",
        bad_example: "[eip.front]\ncycle_type = \"month\"\n",
        good_example: "[eip.front]\ncycle_type = \"month\"\ncycle_count = 3\n",
    }
    "E0713" DISK "disk" "invalid combination of disk keys" zh "云硬盘的键组合无效" {
        found: "The size, the mode or another key of a managed disk is not supported by its \
               `kind`."
            zh "托管云硬盘的 `kind` 不支持所设置的容量、模式或其他键。",
        reason: "Each kind of disk has its own range of sizes, and some kinds cannot be shared, \
               encrypted, or have provisioned IOPS."
            zh "每种云硬盘有各自的容量范围，部分种类不支持共享、加密或预配置 IOPS。",
        fix: "Change the key that the message names, or the kind."
            zh "修改消息中指出的键，或修改 `kind`。",
        bad_example: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                disk = { size = 5, kind = \"SATA\" }\n",
        good_example: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                disk = { size = 10, kind = \"SATA\" }\n",
    }
    "E0714" AMOUNT "amount" "an amount must have two decimals" zh "金额必须有两位小数" {
        found: "The amount of a voucher is not in yuan with two decimals."
            zh "代金券的金额不是以元为单位并带两位小数的值。",
        reason: "The cloud accepts no other format."
            zh "云端不接受其他格式。",
        fix: "Write it as a string, for example \"12.50\"."
            zh "写成字符串，例如 `\"12.50\"`。",
        bad_example: "[eip.front]\ncycle_type = \"month\"\ncycle_count = 1\npay_voucher_price = \"12\"\n",
        good_example: "[eip.front]\ncycle_type = \"month\"\ncycle_count = 1\npay_voucher_price = \"12.00\"\n",
    }
    "E0715" HOST_PATH "host-path" "a file system requires a host and a path"
        zh "文件系统需要主机和路径" {
        found: "`source_path` of a NasVolume is not a host, a colon and an absolute path."
            zh "`NasVolume` 的 `source_path` 不是由主机、冒号和绝对路径组成。",
        reason: "The cloud mounts a file system of a server in the same VPC, and requires the \
               address of that server."
            zh "云端挂载同一 VPC 内服务器的文件系统，因此需要该服务器的地址。",
        fix: "Write HOST:/PATH, as shown in the console of the file service."
            zh "按弹性文件服务控制台中的显示，写成 `HOST:/PATH`。",
        bad_example: "[volume.data]\ntype = \"NasVolume\"\nsource_path = \"/share\"\n",
        good_example: "[volume.data]\ntype = \"NasVolume\"\nsource_path = \"10.0.0.2:/share\"\n",
    }
    "E0716" IP_ADDRESS "ip-address" "invalid IP address" zh "IP 地址无效" {
        found: "A name server, or the `ip` of a host alias, is a host name or an invalid IP \
               address."
            zh "DNS 服务器或主机别名的 `ip` 是主机名，或不是有效的 IP 地址。",
        reason: "Host names are resolved by name servers and host aliases, so these cannot be host \
               names themselves."
            zh "主机名由 DNS 服务器和主机别名解析，因此两者自身不能是主机名。",
        fix: "Write an IP address."
            zh "写成 IP 地址。",
        bad_example: "[container_group.web]\ndns_config = { nameservers = [\"dns.example.com\"] }\n",
        good_example: "[container_group.web]\ndns_config = { nameservers = [\"223.5.5.5\"] }\n",
    }
    "W0701" CLOUD_NAME "cloud-name" "the cloud will probably refuse this name"
        zh "云端可能拒绝此名称" {
        found: "The name of a container group, container or volume is not 1 to 63 characters a-z, \
               0-9 and `-` that start and end with a letter or digit."
            zh "容器组、容器或存储卷的名称不是由 1 到 63 个 a-z、0-9 和 `-` 组成，或未以字母或数字开头和结尾。",
        reason: "Such names become host names. The rule is assumed from a similar product of another \
               cloud; the call may succeed."
            zh "这类名称会用作主机名。此规则根据其他云的类似产品推定，调用也可能成功。",
        fix: "Rename it. If the name is derived from the resource address, set `name`."
            zh "修改名称。如果名称由资源地址生成，设置 `name`。",
        bad_example: "[volume.Conf]\ntype = \"EmptyDirVolume\"\n",
        good_example: "[volume.Conf]\ntype = \"EmptyDirVolume\"\nname = \"conf\"\n",
    }
    "W0702" MANY "many" "probably too many elements" zh "元素可能过多" {
        found: "A container group has more than 20 containers, init containers or volumes."
            zh "容器组的容器、Init 容器或存储卷超过 20 个。",
        reason: "The limit is assumed from a similar product of another cloud; the call may \
               succeed."
            zh "此上限根据其他云的类似产品推定，调用也可能成功。",
        fix: "Split the container group, or combine the files of several volumes in one."
            zh "拆分容器组，或将多个存储卷的文件合并到一个存储卷中。",
        bad_example: "[container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\n\
                containers = '${[for n in range(21) : { name = \"c${n}\", image = \"nginx\" }]}'\n",
        good_example: "[container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\n\
                containers = '${[for n in range(20) : { name = \"c${n}\", image = \"nginx\" }]}'\n",
    }
    "W0703" SIZE "size" "the containers require more than the container group has"
        zh "容器所需的资源超过容器组的资源" {
        found: "The sum of `cpu`, `memory` or `gpu` of the containers, or the value of one init \
               container, exceeds the value of the container group."
            zh "各容器的 `cpu`、`memory` 或 `gpu` 之和，或某个 Init 容器的值，超过容器组的值。",
        reason: "Containers run at the same time and share the resources of the container group, so \
               some of them could not be scheduled."
            zh "各容器同时运行并共享容器组的资源，因此部分容器将无法调度。",
        fix: "Increase the value of the container group, or remove it: the cloud then uses the \
               sum, rounded up to a size that it offers."
            zh "增大容器组的值，或删除该值：云端会使用各容器之和，并向上取整到可用的规格。",
        bad_example: "[container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\ncpu = 1\n\n\
                [[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\ncpu = 2\n",
        good_example: "[container_group.web]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
                security_group_id = \"sg-1\"\naz_name = \"az1\"\ncpu = 2\n\n\
                [[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\ncpu = 2\n",
    }
    "W0704" CLOSED_PORT "closed-port" "a port is blocked on EIPs" zh "弹性 IP 不开放此端口" {
        found: "A container of a container group with an EIP listens on port 80, 443, 8080 or \
               8443."
            zh "绑定了弹性 IP 的容器组中，有容器监听 80、443、8080 或 8443 端口。",
        reason: "These ports are closed on EIPs until CTyun opens them on request, so the container \
               would not be reachable from the internet."
            zh "弹性 IP 默认不开放这些端口，向天翼云申请后才会开放，因此无法从互联网访问容器。",
        fix: "Listen on another port, or request that the port be opened and suppress the \
               warning: `[provider] allow = [\"closed-port\"]`."
            zh "监听其他端口，或申请开放端口并忽略此警告：在 `[provider]` 中设置 `allow = [\"closed-port\"]`。",
        bad_example: "[eip.front]\nauto = true\n\n[container_group.web]\nvpc_id = \"vpc-1\"\n\
                vswitch_id = \"subnet-1\"\nsecurity_group_id = \"sg-1\"\naz_name = \"az1\"\n\
                eip = \"front\"\n\n[[container_group.web.containers]]\nname = \"web\"\n\
                image = \"nginx\"\nports = [{ port = 80 }]\n",
        good_example: "[eip.front]\nauto = true\n\n[container_group.web]\nvpc_id = \"vpc-1\"\n\
                vswitch_id = \"subnet-1\"\nsecurity_group_id = \"sg-1\"\naz_name = \"az1\"\n\
                eip = \"front\"\n\n[[container_group.web.containers]]\nname = \"web\"\n\
                image = \"nginx\"\nports = [{ port = 8000 }]\n",
    }
    "W0705" MEMORY_MOUNT "memory-mount" "a memory volume is not mounted at /dev/shm"
        zh "内存存储卷未挂载到 `/dev/shm`" {
        found: "A volume with `medium = \"Memory\"` is mounted at a path other than /dev/shm."
            zh "设置了 `medium = \"Memory\"` 的存储卷挂载到 `/dev/shm` 之外的路径。",
        reason: "According to the API reference, memory volumes are mounted at /dev/shm."
            zh "根据 API 文档，内存存储卷挂载到 `/dev/shm`。",
        fix: "Set `mount_path = \"/dev/shm\"`, or remove `medium`."
            zh "设置 `mount_path = \"/dev/shm\"`，或删除 `medium`。",
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
    "W0706" FILE_SIZE "file-size" "a file is probably too large for a ConfigFileVolume"
        zh "`ConfigFileVolume` 的文件可能过大" {
        found: "A file of a ConfigFileVolume is larger than 60 KiB."
            zh "`ConfigFileVolume` 的文件超过 60 KiB。",
        reason: "The limit is assumed from a similar product of another cloud; the call may \
               succeed."
            zh "此上限根据其他云的类似产品推定，调用也可能成功。",
        fix: "Split the file, or put it in the image, a NasVolume or a ZosVolume."
            zh "拆分文件，或将文件放入镜像、`NasVolume` 或 `ZosVolume`。",
        bad_example: "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = [{ path = \"a\", \
                content = '${join(\";\", [for n in range(1000) : \
                \"server_name a-long-name-${n}.example.com another-name-${n}.example.com\"])}' }]\n",
        good_example: "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = [{ path = \"a\", \
                content = '${join(\";\", [for n in range(100) : \
                \"server_name a-long-name-${n}.example.com another-name-${n}.example.com\"])}' }]\n",
    }
    "W0707" BANDWIDTH "bandwidth" "a bandwidth is probably not offered" zh "带宽可能不在售" {
        found: "The bandwidth of an EIP is more than 300 Mbps."
            zh "弹性 IP 的带宽超过 300 Mbps。",
        reason: "CTyun's price list ends at 300 Mbps, but some of its clients accept more."
            zh "天翼云价目表中的带宽最大为 300 Mbps，但部分客户端接受更大的值。",
        fix: "Reduce the bandwidth, or try it: the call may succeed."
            zh "减小带宽，或直接尝试，调用也可能成功。",
        bad_example: "[eip.front]\nbandwidth = 500\n",
        good_example: "[eip.front]\nbandwidth = 300\n",
    }
    "W0708" IMAGE_NAME "image-name" "invalid image name" zh "镜像名称无效" {
        found: "The name of an image does not have the form [HOST[:PORT]/]PATH[:TAG][@DIGEST] with \
               a lower-case path."
            zh "镜像名称不符合 `[HOST[:PORT]/]PATH[:TAG][@DIGEST]` 的格式，或路径不是小写。",
        reason: "Registries accept no other names, so the image could not be pulled."
            zh "镜像仓库不接受其他名称，因此无法拉取镜像。",
        fix: "Write the name as in `docker pull`. If it is an expression, check its value."
            zh "按 `docker pull` 中的形式书写名称。如果名称是表达式，检查表达式的值。",
        bad_example: "[[container_group.web.containers]]\nname = \"web\"\n\
                image = \"https://registry.example.com/web\"\n",
        good_example: "[[container_group.web.containers]]\nname = \"web\"\n\
                image = \"registry.example.com/web\"\n",
    }
    "W0709" ENV_NAME "env-name" "the cloud will probably refuse the name of an environment variable"
        zh "云端可能拒绝此环境变量名称" {
        found: "The name of an environment variable is empty, starts with a digit, or contains \
               characters other than letters, digits, `_`, `-` and `.`."
            zh "环境变量的名称为空，以数字开头，或包含字母、数字、`_`、`-` 和 `.` 之外的字符。",
        reason: "The rule is assumed from a similar product of another cloud; most shells are \
               stricter."
            zh "此规则根据其他云的类似产品推定，多数 Shell 的规则更严格。",
        fix: "Rename the environment variable, also in the program that reads it."
            zh "修改环境变量的名称，并同步修改读取该变量的程序。",
        bad_example: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                env = { \"LOG LEVEL\" = \"info\" }\n",
        good_example: "[[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n\
                env = { LOG_LEVEL = \"info\" }\n",
    }
}
