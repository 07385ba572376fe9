// One client of AWS SDK for Go v2 with all its defaults: a signed GetCallerIdentity per line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const mostSaid = 2000

func main() {
	client, failure := connect(context.Background(), os.Args[1])
	answers := json.NewEncoder(os.Stdout)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if failure != nil {
			answers.Encode(said(failure))
			continue
		}
		answers.Encode(ask(context.Background(), client))
	}
}

func connect(ctx context.Context, url string) (*sts.Client, error) {
	defaults, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	return sts.NewFromConfig(defaults, func(options *sts.Options) { options.BaseEndpoint = aws.String(url) }), nil
}

func ask(ctx context.Context, client *sts.Client) map[string]string {
	identity, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return said(err)
	}
	return map[string]string{"arn": aws.ToString(identity.Arn)}
}

func said(err error) map[string]string {
	message := err.Error()
	return map[string]string{"error": message[:min(len(message), mostSaid)]}
}
