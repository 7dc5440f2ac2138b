//! 11xx: `[provider]` and secrets.

codes! {
    "E1101" CREDENTIALS "credentials" "credentials in a manifest" zh "清单中包含凭证" {
        found: "`[provider]` has a key in which other tools accept credentials in plain text."
            zh "`[provider]` 中有其他工具用来以明文填写凭证的键。",
        reason: "Manifests are committed and shared, and so would the credentials be."
            zh "清单会提交和共享，其中的凭证也会随之公开。",
        fix: "Set `CTYUN_AK` and `CTYUN_SK` in the environment, or refer to a file with \
               `credentials_file`. Revoke a key that was committed."
            zh "设置环境变量 `CTYUN_AK` 和 `CTYUN_SK`，或使用 `credentials_file` 引用文件。吊销已提交的密钥。",
        bad_example: "[provider]\naccess_key = \"AK\"\n",
        good_example: "[provider]\ncredentials_file = \"/run/secrets/ctyun.toml\"\n",
    }
    "E1102" SENSITIVE_SETTING "sensitive-setting" "a setting would display a sensitive value"
        zh "设置会显示敏感值" {
        found: "A sensitive value is used in a setting that is not an attribute of a resource: in \
               `[provider]`, `lifecycle`, `timeouts`, `depends_on`, or in the description of an \
               output."
            zh "敏感值用于资源属性之外的设置：`[provider]`、`lifecycle`、`timeouts`、`depends_on` 或输出的描述。",
        reason: "Such settings are displayed in plans and messages, or can be inferred from what eci \
               does."
            zh "这些设置会显示在计划和消息中，或可以从 eci 的行为推断。",
        fix: "Use a variable that is not sensitive, or `nonsensitive(…)` if the value is not a \
               secret."
            zh "使用不敏感的变量；如果值不是机密信息，使用 `nonsensitive(…)`。",
        bad_example: "[variable.region]\nsensitive = true\n\n\
                [provider]\nregion_id = '${var.region}'\n",
        good_example: "[variable.region]\n\n[provider]\nregion_id = '${var.region}'\n",
    }
    "E1103" IGNORED_SECRET "ignored-secret" "an ignored secret cannot be sent again"
        zh "无法重新发送已忽略的机密信息" {
        found: "`ignore_changes` has the path of a sensitive value that the cloud does not report, \
               and another part of the same attribute changes, or the container group is \
               replaced."
            zh "`ignore_changes` 包含云端不返回的敏感值的路径，而同一属性的其他部分发生变更，或容器组需要替换。",
        reason: "The cloud updates an attribute only as a whole. The state has only a digest of the \
               old secret, or nothing at all if somebody else added it, so it cannot be sent \
               again."
            zh "云端只能整体更新属性。状态中只有旧机密信息的摘要，由他人添加的机密信息则没有任何记录，因此无法重新发送。",
        fix: "Remove the path from `ignore_changes`, so that the value in the manifest is sent, \
               or undo the other change."
            zh "从 `ignore_changes` 中删除该路径，以发送清单中的值，或撤销其他变更。",
        bad_example: "$ grep ignore web.eci.toml   # and user_name of the same credential has changed\n\
                ignore_changes = [\"image_registry_credentials[0].password\"]\n$ eci plan",
        good_example: "$ grep ignore web.eci.toml   # and user_name of the same credential has changed\n\
                ignore_changes = []\n$ eci plan",
        comment: "and user_name of the same credential has changed" zh "且同一凭证的 user_name 已变更",
    }
    "W1101" LITERAL_SECRET "literal-secret" "a secret is hard-coded in a manifest"
        zh "清单中硬编码了机密信息" {
        found: "A password, a key, the default of a sensitive variable, or an environment variable \
               or option whose name suggests a secret has a literal value, in place or in a \
               local; or a URL contains a password."
            zh "密码、密钥、敏感变量的默认值，或名称疑似机密信息的环境变量或选项，直接或在局部值中使用了字面量；或者 URL 中包含密码。",
        reason: "Manifests are committed and shared, and a secret remains in their history. A \
               literal that nothing marks as sensitive is also in the state and in plans in plain text."
            zh "清单会提交和共享，机密信息会留在历史记录中。未标记为敏感的字面量还会以明文写入状态和计划。",
        fix: "Declare a variable with `sensitive = true` and set it from outside, for example with \
               `ECI_VAR_password` in the environment. Change a secret that was committed."
            zh "声明变量并设置 `sensitive = true`，从外部传入值，例如使用环境变量 `ECI_VAR_password`。更换已提交的机密信息。",
        bad_example: "[volume.logs]\ntype = \"ZosVolume\"\nbucket = \"logs\"\n\
                url = \"https://zos.example\"\naccess_key = \"AK\"\nsecret_key = \"s3cr3t\"\n",
        good_example: "[variable.secret_key]\nsensitive = true\n\n[volume.logs]\ntype = \"ZosVolume\"\n\
                bucket = \"logs\"\nurl = \"https://zos.example\"\naccess_key = \"AK\"\n\
                secret_key = '${var.secret_key}'\n",
    }
    "W1102" UNUSED_CREDENTIAL "unused-credential" "an image registry credential is not used"
        zh "镜像仓库凭证未使用" {
        found: "`image_registry_credentials` has a server that is not the registry of any image of \
               the container group."
            zh "`image_registry_credentials` 中的服务器不是容器组任何镜像的镜像仓库。",
        reason: "The credential is obsolete, or the name of the server or of an image is \
               misspelled and the pull will be refused."
            zh "该凭证是遗留内容，或者服务器或镜像的名称拼写有误，拉取将失败。",
        fix: "Write the server as at the start of the image name: registry.example.com for \
               registry.example.com/app:1. Images without a host come from docker.io."
            zh "按镜像名称开头的形式书写服务器：`registry.example.com/app:1` 的服务器为 `registry.example.com`。不含主机的镜像来自 `docker.io`。",
        bad_example: "[variable.password]\nsensitive = true\ndefault = \"p\"\n\n[container_group.web]\n\
                vpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\nsecurity_group_id = \"sg-1\"\n\
                az_name = \"az1\"\nimage_registry_credentials = [{ server = \"r.example.com\", \
                user_name = \"u\", password = '${var.password}' }]\n\n\
                [[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n",
        good_example: "[variable.password]\nsensitive = true\ndefault = \"p\"\n\n[container_group.web]\n\
                vpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\nsecurity_group_id = \"sg-1\"\n\
                az_name = \"az1\"\nimage_registry_credentials = [{ server = \"r.example.com\", \
                user_name = \"u\", password = '${var.password}' }]\n\n\
                [[container_group.web.containers]]\nname = \"web\"\nimage = \"r.example.com/nginx\"\n",
    }
}
