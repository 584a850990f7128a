FROM golang:1.18 as builder
WORKDIR /go/src/
COPY . ./
RUN go mod download
RUN go build -v -o server ./cmd
FROM alpine:latest
RUN apk --no-cache add ca-certificates
WORKDIR /root/
COPY --from=builder /go/src/server ./
EXPOSE 8080
CMD ["./server"]
