%{ if on ~}
    foo
%{ endif ~}
end
