//! 11xx: `[provider]` and secrets.

codes! {
    "E1101" CREDENTIALS "credentials" "credentials in a manifest" {
        found: "[provider] has a key in which other tools accept credentials in plain text.",
        reason: "Manifests are committed and shared, and so would the credentials be.",
        fix: "Set CTYUN_AK and CTYUN_SK in the environment, or refer to a file with \
               `credentials_file`. Revoke a key that was committed.",
        bad_example: "[provider]\naccess_key = \"AK\"\n",
        good_example: "[provider]\ncredentials_file = \"/run/secrets/ctyun.toml\"\n",
    }
    "E1102" SENSITIVE_SETTING "sensitive-setting" "a setting would display a sensitive value" {
        found: "A sensitive value is used in a setting that is not an attribute of a resource: in \
               [provider], `lifecycle`, `timeouts`, `depends_on`, or in the description of an \
               output.",
        reason: "Such settings are displayed in plans and messages, or can be inferred from what eci \
               does.",
        fix: "Use a variable that is not sensitive, or nonsensitive(…) if the value is not a \
               secret.",
        bad_example: "[variable.region]\nsensitive = true\n\n\
                [provider]\nregion_id = '${var.region}'\n",
        good_example: "[variable.region]\n\n[provider]\nregion_id = '${var.region}'\n",
    }
    "E1103" IGNORED_SECRET "ignored-secret" "an ignored secret cannot be sent again" {
        found: "`ignore_changes` has the path of a sensitive value that the cloud does not report, \
               and another part of the same attribute changes, or the container group is \
               replaced.",
        reason: "The cloud updates an attribute only as a whole. The state has only a digest of the \
               old secret, or nothing at all if somebody else added it, so it cannot be sent \
               again.",
        fix: "Remove the path from `ignore_changes`, so that the value in the manifest is sent, \
               or undo the other change.",
        bad_example: "$ grep ignore web.eci.toml   # and user_name of the same login has changed\n\
                ignore_changes = [\"image_registry_credentials[0].password\"]\n$ eci plan",
        good_example: "$ grep ignore web.eci.toml   # and user_name of the same login has changed\n\
                ignore_changes = []\n$ eci plan",
    }
    "W1101" LITERAL_SECRET "literal-secret" "a secret is hard-coded in a manifest" {
        found: "A password, a key, the default of a sensitive variable, or an environment variable \
               or option whose name suggests a secret has a literal value, in place or in a \
               local; or a URL contains a password.",
        reason: "Manifests are committed and shared, and a secret remains in their history. eci \
               itself never writes a secret in plain text.",
        fix: "Declare a variable with sensitive = true and set it from outside, for example with \
               ECI_VAR_password in the environment. Change a secret that was committed.",
        bad_example: "[volume.logs]\ntype = \"ZosVolume\"\nbucket = \"logs\"\n\
                url = \"https://zos.example\"\naccess_key = \"AK\"\nsecret_key = \"s3cr3t\"\n",
        good_example: "[variable.secret_key]\nsensitive = true\n\n[volume.logs]\ntype = \"ZosVolume\"\n\
                bucket = \"logs\"\nurl = \"https://zos.example\"\naccess_key = \"AK\"\n\
                secret_key = '${var.secret_key}'\n",
    }
    "W1102" UNUSED_CREDENTIAL "unused-credential" "an image registry credential is not used" {
        found: "`image_registry_credentials` has a server that is not the registry of any image of \
               the container group.",
        reason: "The credential is a leftover, or the name of the server or of an image is \
               misspelled and the pull will be refused.",
        fix: "Write the server as at the start of the image name: registry.example.com for \
               registry.example.com/app:1. Images without a host come from docker.io.",
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
