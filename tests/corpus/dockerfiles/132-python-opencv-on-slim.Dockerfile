FROM python:3.9-slim
RUN pip install --no-cache-dir opencv-python flask
WORKDIR /srv
COPY . .
CMD ["python", "scan.py"]
