locals {
  zones = ["a", "b"]
}

output "text" {
  value = "zones: ${local.zones}"
}
