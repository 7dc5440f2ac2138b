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
}
