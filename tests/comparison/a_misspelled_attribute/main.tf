resource "terraform_data" "front" {}

output "id" {
  value = terraform_data.front.outptu
}
