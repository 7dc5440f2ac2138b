variable "names" {
  default = "a,b"
}

output "count" {
  value = join(",", var.names)
}
