// One client of AWS SDK for Go v1 with all its defaults: a signed GetCallerIdentity per line.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/sts"
)

const mostSaid = 2000

func main() {
	client := sts.New(session.Must(session.NewSession()), aws.NewConfig().WithEndpoint(os.Args[1]))
	answers := json.NewEncoder(os.Stdout)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		answers.Encode(ask(client))
	}
}

func ask(client *sts.STS) map[string]string {
	identity, err := client.GetCallerIdentity(&sts.GetCallerIdentityInput{})
	if err != nil {
		message := err.Error()
		return map[string]string{"error": message[:min(len(message), mostSaid)]}
	}
	return map[string]string{"arn": aws.StringValue(identity.Arn)}
}
