//! OneNET Studio: application long connection and device access (MQTT, token login).
