n=${name}
