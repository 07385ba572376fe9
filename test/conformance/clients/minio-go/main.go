// The IAM credentials of minio-go as its users have them, which sign a GetCallerIdentity per line: minio-go itself has
// no call of STS that takes credentials, but it has the signature for it.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/signer"
)

const mostSaid = 2000
const call = "Action=GetCallerIdentity&Version=2011-06-15"

type identity struct {
	Arn string `xml:"GetCallerIdentityResult>Arn"`
}

func main() {
	// It reads no variable for the address of IMDS: an app that wants another one than AWS's says so here.
	held := credentials.NewIAM(os.Getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT"))
	answers := json.NewEncoder(os.Stdout)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		answers.Encode(ask(held, os.Args[1]))
	}
}

func ask(held *credentials.Credentials, url string) map[string]string {
	value, err := held.GetWithContext(nil)
	if err != nil {
		return said(err)
	}
	request, err := sign(value, url)
	if err != nil {
		return said(err)
	}
	arn, err := send(request)
	if err != nil {
		return said(err)
	}
	return map[string]string{"arn": arn}
}

func sign(value credentials.Value, url string) (*http.Request, error) {
	request, err := http.NewRequest(http.MethodPost, url+"/", strings.NewReader(call))
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256([]byte(call))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(digest[:]))
	request.Header.Set("X-Amz-Security-Token", value.SessionToken)
	return signer.SignV4STS(*request, value.AccessKeyID, value.SecretAccessKey, os.Getenv("AWS_REGION")), nil
}

func send(request *http.Request) (string, error) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", response.Status, body)
	}
	var found identity
	return found.Arn, errors.Join(xml.Unmarshal(body, &found))
}

func said(err error) map[string]string {
	message := err.Error()
	return map[string]string{"error": message[:min(len(message), mostSaid)]}
}
