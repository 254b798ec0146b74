module nft2bpf-client

go 1.19
