resource "terraform_data" "web" {
  inptu = "nginx:1.27"
}
