module lanyard.dev/conformance/go-v1

go 1.25

require github.com/aws/aws-sdk-go v1.55.8

require github.com/jmespath/go-jmespath v0.4.0 // indirect
