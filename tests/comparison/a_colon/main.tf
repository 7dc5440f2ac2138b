resource "terraform_data" "web" {
  input: true
}
