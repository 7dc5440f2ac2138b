//! 11xx: `[provider]` and secrets.

codes! {
    "E1101" CREDENTIALS "credentials" "credentials stand in a manifest" {
        what: "[provider] has a key under which other tools take credentials in clear.",
        why: "Manifests are committed and shared; a key in them is a key given away.",
        mend: "Set CTYUN_AK and CTYUN_SK in the environment, or name a file with \
               `credentials_file`. A key that was committed should be revoked.",
        wrong: "[provider]\naccess_key = \"AK\"\n",
        right: "[provider]\ncredentials_file = \"/run/secrets/ctyun.toml\"\n",
    }
    "E1102" SENSITIVE_SETTING "sensitive-setting" "a setting would show a secret" {
        what: "Something sensitive stands where eci is told what to do, not what a resource is: in \
               [provider], `lifecycle`, `timeouts`, `depends_on`, or what an output says of itself.",
        why: "Such settings are shown in plans and in messages, or can be told from what is done.",
        mend: "Give it in a variable that is not sensitive, or use nonsensitive(…) where it is no \
               secret.",
        wrong: "[variable.region]\nsensitive = true\n\n\
                [provider]\nregion_id = '${var.region}'\n",
        right: "[variable.region]\n\n[provider]\nregion_id = '${var.region}'\n",
    }
    "E1103" IGNORED_SECRET "ignored-secret" "a secret that is ignored cannot be sent along" {
        what: "`ignore_changes` names something sensitive that the cloud does not report, and \
               something else of the same attribute changes.",
        why: "The cloud takes an attribute as a whole, and the state has only a digest of what was \
              sent before: it cannot be sent again.",
        mend: "Take the path out of `ignore_changes`, so that the manifest's value is sent, or undo \
               the other change.",
        wrong: "$ grep ignore web.eci.toml   # and user_name of the same login has changed\n\
                ignore_changes = [\"image_registry_credentials[0].password\"]\n$ eci plan",
        right: "$ grep ignore web.eci.toml   # and user_name of the same login has changed\n\
                ignore_changes = []\n$ eci plan",
    }
    "W1101" LITERAL_SECRET "literal-secret" "a secret is hard-coded in a manifest" {
        what: "A password, a key, the default of a sensitive variable, or an environment variable or \
               flag whose name looks like a secret has its value written out, here or in a local; \
               or an address has a password in it.",
        why: "Manifests are committed and shared; a secret in them stays in their history. eci \
              itself writes no secret in clear.",
        mend: "Declare a variable with sensitive = true and give it from outside, such as with \
               ECI_VAR_password in the environment. A secret that was committed should be changed.",
        wrong: "[volume.logs]\ntype = \"ZosVolume\"\nbucket = \"logs\"\n\
                url = \"https://zos.example\"\naccess_key = \"AK\"\nsecret_key = \"s3cr3t\"\n",
        right: "[variable.secret_key]\nsensitive = true\n\n[volume.logs]\ntype = \"ZosVolume\"\n\
                bucket = \"logs\"\nurl = \"https://zos.example\"\naccess_key = \"AK\"\n\
                secret_key = '${var.secret_key}'\n",
    }
    "W1102" UNUSED_CREDENTIAL "unused-credential" "a login is for a registry that no image comes from" {
        what: "`image_registry_credentials` has a server that is the registry of none of the group's \
               images.",
        why: "The login is never used: either it is left over, or the name of the server or of an \
              image is misspelt and the pull will be refused.",
        mend: "Write the server as it begins the image: registry.example.com for \
               registry.example.com/app:1. Images without a host come from docker.io.",
        wrong: "[variable.password]\nsensitive = true\ndefault = \"p\"\n\n[container_group.web]\n\
                vpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\nsecurity_group_id = \"sg-1\"\n\
                az_name = \"az1\"\nimage_registry_credentials = [{ server = \"r.example.com\", \
                user_name = \"u\", password = '${var.password}' }]\n\n\
                [[container_group.web.containers]]\nname = \"web\"\nimage = \"nginx\"\n",
        right: "[variable.password]\nsensitive = true\ndefault = \"p\"\n\n[container_group.web]\n\
                vpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\nsecurity_group_id = \"sg-1\"\n\
                az_name = \"az1\"\nimage_registry_credentials = [{ server = \"r.example.com\", \
                user_name = \"u\", password = '${var.password}' }]\n\n\
                [[container_group.web.containers]]\nname = \"web\"\nimage = \"r.example.com/nginx\"\n",
    }
}
