variable "image" {
  default = nginx:1.27
}
