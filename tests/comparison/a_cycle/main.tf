resource "terraform_data" "web" {
  input = terraform_data.db.id
}

resource "terraform_data" "db" {
  input = terraform_data.web.id
}
