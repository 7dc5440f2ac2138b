variable "image" {
  default = "nginx:1.27"
}

resource "terraform_data" "web" {
  input = var.imgae
}
