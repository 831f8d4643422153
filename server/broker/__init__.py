"""The broker: certificates, its own door, amqtt or mosquitto as a child process. Nothing here knows a punch."""
